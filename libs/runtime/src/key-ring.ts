import { Failure } from '@ringfence/kernel/failure';

/** A secret of the server, with the name that is stored beside everything made with it. */
export type NamedKey = { readonly id: string; readonly bytes: Uint8Array };

/** The most keys of a ring: a current one, and older ones that are still needed to read what was made with them. */
export const ringKeysMax = 8;

const idPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;
const base64Pattern = /^[A-Za-z0-9+/]{43}=$/;

/** Keys of one purpose: new things are made with the first, and read with any. Never printed: it has no text form. */
export class KeyRing {
  readonly #current: NamedKey;
  readonly #keys: ReadonlyMap<string, NamedKey>;

  private constructor(current: NamedKey, all: readonly NamedKey[]) {
    this.#current = current;
    this.#keys = new Map(all.map((key) => [key.id, key]));
  }

  /**
   * @param text `id:base64(32 bytes)`, several separated by commas, the current one first
   * @param what the name of the setting, for the message
   * @throws Failure `key_ring_invalid`, whose message holds nothing of the text
   */
  static parse(text: string, what: string): KeyRing {
    const keys = text.split(',').map((part) => {
      const [id = '', base64 = '', ...rest] = part.trim().split(':');
      if (rest.length > 0 || !idPattern.test(id) || !base64Pattern.test(base64))
        throw invalid(what, 'is id:base64 of 32 bytes');
      return { id, bytes: Buffer.from(base64, 'base64') };
    });
    const [current] = keys;
    if (current === undefined || keys.length > ringKeysMax) throw invalid(what, `has 1 to ${String(ringKeysMax)} keys`);
    if (new Set(keys.map((key) => key.id)).size !== keys.length) throw invalid(what, 'names each key once');
    return new KeyRing(current, keys);
  }

  get current(): NamedKey {
    return this.#current;
  }

  get all(): readonly NamedKey[] {
    return [...this.#keys.values()];
  }

  find(id: string): NamedKey | undefined {
    return this.#keys.get(id);
  }
}

function invalid(what: string, rule: string): Failure {
  return new Failure('key_ring_invalid', `${what} ${rule}`, false);
}
