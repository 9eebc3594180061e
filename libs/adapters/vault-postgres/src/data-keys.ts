import type { SubjectId } from '@ringfence/kernel/ids';
import type { Timers } from '@ringfence/kernel/timers';
import { LRUCache } from 'lru-cache';
import type { KeyObject } from 'node:crypto';
import { agingCache } from './aging-cache.js';

/** The most data keys that are kept; the least recently used is evicted. */
export const dataKeysMax = 20_000;
/** Time after which a kept data key is read from the database again. */
export const dataKeyReuseMs = 300_000;
/** The most forgotten subjects that are remembered: long after it was forgotten, the database has its key no more. */
const forgottenMax = 10_000;

/**
 * The unwrapped data keys of subjects that this process has sealed or opened lately. They are key objects, whose bytes
 * are outside the heap and are overwritten when they are freed.
 */
export class DataKeys {
  readonly #kept: LRUCache<SubjectId, KeyObject>;
  /** Subjects whose keys are not kept again, although the database may have them a moment longer. */
  readonly #forgotten = new LRUCache<SubjectId, true>({ max: forgottenMax });

  constructor(timers: Pick<Timers, 'monotonicMs'>) {
    this.#kept = agingCache({ timers, max: dataKeysMax, ttlMs: dataKeyReuseMs });
  }

  find(subjectId: SubjectId): KeyObject | undefined {
    return this.#kept.get(subjectId);
  }

  /** Keeps a key, unless its subject has been forgotten. */
  keep(subjectId: SubjectId, key: KeyObject): void {
    if (!this.#forgotten.has(subjectId)) this.#kept.set(subjectId, key);
  }

  /** Forgets a subject's key for good. */
  forget(subjectId: SubjectId): void {
    this.#forgotten.set(subjectId, true);
    this.#kept.delete(subjectId);
  }
}
