import { decodeRecorded } from '@ringfence/event-catalog/event-codec';
import type { EventStore } from '@ringfence/ports/log/event-store';
import type { KeyId } from '@ringfence/kernel/ids';
import { pause, type Timers } from '@ringfence/kernel/timers';
import type { KeyEntry } from '@ringfence/auth/key-entry';
import type { KeyRegistry } from '@ringfence/auth/key-registry';
import { systemTimers } from '@ringfence/runtime/system-timers';

/** The longest time that a key in the log may take to reach this process's registry. */
const turnsUpWithinMs = 1_000;
const lookEveryMs = 20;

/** The members of a key that decide who may see it. */
export type KeyHome = Pick<KeyEntry, 'accountId' | 'mode'>;

/** Finds the key that a command names, even if it was issued a moment ago. */
export class KeyFinder {
  constructor(
    private readonly registry: KeyRegistry,
    private readonly store: Pick<EventStore, 'readSubject'>,
    private readonly timers: Timers = systemTimers,
  ) {}

  /**
   * Returns an admitted key with its ancestors, itself first, as far as this process knows them; empty: it is unknown.
   */
  lineOf(keyId: KeyId): readonly KeyEntry[] {
    return this.registry.lineOf(keyId);
  }

  /**
   * A key that the caller may not see takes as long as one that does not exist: the log is read for both, so that
   * timing does not reveal which ids exist.
   * @returns undefined: there is no such key, or the caller may not see it
   * @throws Failure `event_store_unavailable` (retryable)
   */
  async find(keyId: KeyId, sees: (key: KeyHome) => boolean): Promise<KeyEntry | undefined> {
    const known = this.registry.find(keyId);
    if (known !== undefined && sees(known)) return known;
    const [first] = await this.store.readSubject(keyId, 1);
    if (known !== undefined || first === undefined) return undefined;
    const { data } = decodeRecorded(first);
    if ((data.type !== 'KeyIssued' && data.type !== 'SigningKeyRegistered') || !sees(data)) return undefined;
    const deadline = this.timers.monotonicMs() + turnsUpWithinMs;
    while (this.timers.monotonicMs() < deadline) {
      await pause(this.timers, lookEveryMs);
      const found = this.registry.find(keyId);
      if (found !== undefined) return found;
    }
    return undefined;
  }
}
