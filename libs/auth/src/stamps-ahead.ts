import type { EpochMs } from '@ringfence/kernel/units';

/**
 * How far the stamps of decisions are ahead of the clock, as far as their reader can tell: by as much as an event comes before the moment that it is stamped
 * with. Such stamps go at half the speed of the clock, so what was seen once tells how far ahead they still are.
 */
export class StampsAhead {
  #seenMs = 0;
  #atMs = 0;

  /** An event that was decided at this stamp has come at `nowMs`. */
  observe(decidedAtMs: EpochMs, nowMs: EpochMs): void {
    this.#seenMs = Math.max(decidedAtMs - nowMs, this.aheadMs(nowMs));
    this.#atMs = nowMs;
  }

  /** 0: they are not. */
  aheadMs(nowMs: EpochMs): number {
    return Math.max(0, Math.ceil(this.#seenMs - (nowMs - this.#atMs) / 2));
  }
}
