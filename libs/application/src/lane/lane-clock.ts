import type { EventStore } from '@ringfence/event-store/event-store';
import type { Clock } from '@ringfence/kernel/clock';
import type { CancelTimer, Timers } from '@ringfence/kernel/timers';
import { epochMs, type EpochMs, laterOf } from '@ringfence/kernel/units';
import type { LaneMetrics } from './lane-metrics.js';

/** No decision while our clock is further off the store's than this. */
export const clockOffsetMsMax = 500;
export const clockCheckEveryMs = 3_000;
/** Without an answer for this long the offset counts as unknown, and nothing is decided. */
export const clockCheckStaleMs = 30_000;

/** The moments that decisions are stamped with: they never go back, and they stop when our clock cannot be trusted. */
export class LaneClock {
  #last = epochMs(0);
  #trusted = false;
  #checkedAtMs = 0;
  #cancel: CancelTimer = () => undefined;
  #stopped = false;

  constructor(
    private readonly clock: Clock,
    private readonly timers: Timers,
    private readonly store: EventStore,
    private readonly metrics: LaneMetrics,
  ) {}

  /** Whether decisions may be made: our clock is close to the store's, and that was looked at not long ago. */
  get trusted(): boolean {
    return this.#trusted && this.timers.monotonicMs() - this.#checkedAtMs <= clockCheckStaleMs;
  }

  /** `max(clock, last moment given out)` */
  stamp(): EpochMs {
    this.#last = laterOf(this.#last, this.clock.now());
    return this.#last;
  }

  /** No moment before the last decision of this stream is given out: earlier owners decided by clocks of their own. @returns it */
  after<Stream extends { readonly decidedAtMs: EpochMs }>(stream: Stream): Stream {
    this.#last = laterOf(this.#last, stream.decidedAtMs);
    return stream;
  }

  /** Compares the clocks once, then every `clockCheckEveryMs`. @throws what the store's first answer threw */
  async start(): Promise<void> {
    await this.#check();
    this.#plan();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }

  #plan(): void {
    if (this.#stopped) return;
    this.#cancel = this.timers.after(clockCheckEveryMs, () => {
      // An unanswered check leaves the last answer standing until it is stale.
      this.#check()
        .catch(() => undefined)
        .finally(() => {
          this.#plan();
        });
    });
  }

  async #check(): Promise<void> {
    const askedAtMs = this.timers.monotonicMs();
    const ours = this.clock.now();
    const theirs = await this.store.clock();
    const tookMs = this.timers.monotonicMs() - askedAtMs;
    // The store answered at some moment of the round trip: the offset is known no better than that.
    const aheadMs = ours + tookMs / 2 - theirs;
    this.#trusted = Math.abs(aheadMs) - tookMs / 2 <= clockOffsetMsMax;
    this.#checkedAtMs = this.timers.monotonicMs();
    this.metrics.clockOffset(aheadMs);
  }
}
