import type { EpochMs } from '@ringfence/kernel/units';

/**
 * Estimates how far the timestamps of decisions are ahead of the clock: by as much as an event arrives before its own
 * timestamp. Such timestamps advance at half the speed of the clock, so one observation determines how far ahead they
 * are later.
 */
export class StampsAhead {
  #seenMs = 0;
  #atMs = 0;

  /** Notes that an event with this timestamp arrived at `nowMs`. */
  observe(decidedAtMs: EpochMs, nowMs: EpochMs): void {
    this.#seenMs = Math.max(decidedAtMs - nowMs, this.aheadMs(nowMs));
    this.#atMs = nowMs;
  }

  /** Returns how far timestamps are ahead at this moment; 0: they are not. */
  aheadMs(nowMs: EpochMs): number {
    return Math.max(0, Math.ceil(this.#seenMs - (nowMs - this.#atMs) / 2));
  }
}
