import { latestElapsed, type SlowStamps } from '@ringfence/domain/shared/slow-stamps';
import type { EventStore } from '@ringfence/ports/log/event-store';
import type { GuardedClock } from '@ringfence/kernel/clock';
import type { CancelTimer, Timers } from '@ringfence/kernel/timers';
import { addDuration, durationMs, elapsedMs, epochMs, type EpochMs, laterOf } from '@ringfence/kernel/units';
import type { LaneMetrics } from './lane-metrics.js';

/** Offset of our clock from the store's beyond which nothing is decided. */
export const clockOffsetMsMax = 500;
export const clockCheckEveryMs = 3_000;
/** Time without an answer after which the offset is unknown and nothing is decided. */
const clockCheckStaleMs = 30_000;
/** Factor by which timestamps that are ahead advance slower than the wall clock. */
const slowFactor = 2;
/** Time after a slow span by which every call placed before its end is over. */
const slowRememberedMs = durationMs(5 * 3_600_000);

/** The time of one batch of decisions. */
export type LaneTime = {
  /** Timestamp of the decisions. */
  readonly nowMs: EpochMs;
  /** Moment that deadlines are compared with. */
  readonly wallMs: EpochMs;
  /** The last slow span in which timers may have been set; undefined: there was none. */
  readonly slow: SlowStamps | undefined;
};

/**
 * Reason why nothing is decided: the machine's clock stepped, and it is not clear yet which time is right; or it
 * differs from the store's clock.
 */
export type ClockFault = 'stepped' | 'off_store';

/** Moment at which timestamps began to advance at half speed. */
type Ahead = { readonly stampMs: EpochMs; readonly monotonicMs: number };

/**
 * The timestamps of decisions. They never go back. If they are ahead of the wall clock (because it was set back, or an
 * earlier owner's clock was ahead), they advance at half speed until it has caught up. They stop while our clock cannot
 * be trusted.
 */
export class LaneClock {
  #last = epochMs(0);
  #ahead: Ahead | null = null;
  #slow: SlowStamps | undefined;
  #offStore = true;
  #stepped = false;
  /** Number of completed steps: a comparison from before the last one is void. */
  #stepsOver = 0;
  #checkedAtMs = 0;
  #cancel: CancelTimer = () => undefined;
  #stopped = false;

  constructor(
    private readonly clock: GuardedClock,
    private readonly timers: Timers,
    private readonly store: EventStore,
    private readonly metrics: LaneMetrics,
  ) {}

  /** The reason why nothing is decided; null: our clock runs evenly and was recently close to the store's. */
  get fault(): ClockFault | null {
    this.#noticeStep();
    if (this.#stepped) return 'stepped';
    const isStale = this.timers.monotonicMs() - this.#checkedAtMs > clockCheckStaleMs;
    return this.#offStore || isStale ? 'off_store' : null;
  }

  /** The time of a decision made now. `nowMs` is never before an earlier one. */
  read(): LaneTime {
    const wallMs = this.clock.now();
    const monotonicMs = this.timers.monotonicMs();
    this.#advance(wallMs, monotonicMs);
    return { nowMs: this.#last, wallMs, slow: this.#slow };
  }

  /** Returns the moment beyond which no timer is due, whenever it was set. */
  dueUpTo(): EpochMs {
    const { nowMs, slow } = this.read();
    return slow === undefined ? nowMs : latestElapsed({ nowMs, slow });
  }

  /**
   * Advances the timestamps beyond the last decision of this stream, because earlier owners had clocks of their own.
   */
  after<Stream extends { readonly decidedAtMs: EpochMs }>(stream: Stream): Stream {
    const { decidedAtMs } = stream;
    if (decidedAtMs <= this.#last) return stream;
    this.#last = decidedAtMs;
    if (this.#ahead !== null) this.#ahead = { stampMs: decidedAtMs, monotonicMs: this.timers.monotonicMs() };
    // No time passed in the leap.
    if (this.#isSlow) this.#slow = { sinceMs: decidedAtMs, untilMs: null };
    return stream;
  }

  /**
   * Compares the clocks once, then every `clockCheckEveryMs`.
   * @param decidedUpToMs a lower bound of timestamps
   * @throws the failure of the store's first answer
   */
  async start(decidedUpToMs = epochMs(0)): Promise<void> {
    this.#last = laterOf(this.#last, decidedUpToMs);
    await this.#check();
    this.#plan();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }

  #advance(wallMs: EpochMs, monotonicMs: number): void {
    if (this.#ahead === null && wallMs < this.#last) this.#ahead = { stampMs: this.#last, monotonicMs };
    if (this.#ahead !== null) {
      // Clocks of one cluster are always slightly ahead of each other, which timers can ignore.
      if (!this.#isSlow && this.#last - wallMs > clockOffsetMsMax) this.#slow = { sinceMs: this.#last, untilMs: null };
      const passedMs = durationMs(Math.floor((monotonicMs - this.#ahead.monotonicMs) / slowFactor));
      this.#last = laterOf(this.#last, addDuration(this.#ahead.stampMs, passedMs));
      if (wallMs < this.#last) return;
      this.#ahead = null;
      if (this.#slow !== undefined && this.#isSlow) this.#slow = { ...this.#slow, untilMs: this.#last };
    }
    this.#last = laterOf(this.#last, wallMs);
    const untilMs = this.#slow?.untilMs ?? this.#last;
    if (elapsedMs(untilMs, this.#last) > slowRememberedMs) this.#slow = undefined;
  }

  get #isSlow(): boolean {
    return this.#slow?.untilMs === null;
  }

  #plan(): void {
    if (this.#stopped) return;
    this.#cancel = this.timers.after(clockCheckEveryMs, () => {
      // Without an answer the last result remains valid until it is stale.
      this.#check()
        .catch(() => undefined)
        .finally(() => {
          this.#plan();
        });
    });
  }

  async #check(): Promise<void> {
    const stepsOver = this.#stepsOver;
    const askedAtMs = this.timers.monotonicMs();
    const ours = this.clock.now();
    const theirs = await this.store.clock();
    const tookMs = this.timers.monotonicMs() - askedAtMs;
    this.#noticeStep();
    if (this.#stepped || stepsOver !== this.#stepsOver) return;
    // The store answered at some moment of the round trip, which limits the accuracy of the offset.
    const aheadMs = ours + tookMs / 2 - theirs;
    this.#offStore = Math.abs(aheadMs) - tookMs / 2 > clockOffsetMsMax;
    this.#checkedAtMs = this.timers.monotonicMs();
    const { nowMs, wallMs } = this.read();
    this.metrics.clockOffset(aheadMs, elapsedMs(wallMs, nowMs));
  }

  /** Notices a step; once it is over, the store's clock is compared before anything is decided. */
  #noticeStep(): void {
    const wasStepped = this.#stepped;
    this.#stepped = this.clock.stepMs !== null;
    if (!wasStepped || this.#stepped) return;
    this.#stepsOver += 1;
    this.#offStore = true;
    this.#check().catch(() => undefined);
  }
}
