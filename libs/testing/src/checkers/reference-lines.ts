import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import type { KeyId } from '@ringfence/kernel/ids';

/** The parents of keys, from their first events. */
export class Parents {
  readonly #parents = new Map<string, KeyId | null>();

  apply({ data }: Pick<RecordedEnvelope, 'data'>): void {
    if (data.type === 'KeyIssued' || data.type === 'SigningKeyRegistered')
      this.#parents.set(data.keyId, data.parentKeyId);
  }

  /** Returns the key itself first, then its ancestors. */
  lineOf(keyId: string): readonly string[] {
    const parent = this.#parents.get(keyId) ?? null;
    return parent === null ? [keyId] : [keyId, ...this.lineOf(parent)];
  }

  isChild(keyId: string): boolean {
    return (this.#parents.get(keyId) ?? null) !== null;
  }
}
