import { latestElapsed, type SlowStamps } from '@ringfence/domain/shared/slow-stamps';
import type { EventStore } from '@ringfence/ports/log/event-store';
import type { GuardedClock } from '@ringfence/kernel/clock';
import type { CancelTimer, Timers } from '@ringfence/kernel/timers';
import { addDuration, durationMs, elapsedMs, epochMs, type EpochMs, laterOf } from '@ringfence/kernel/units';
import type { LaneMetrics } from './lane-metrics.js';

/** Offset of our clock from the store's beyond which nothing is decided. */
export const clockOffsetMsMax = 500;
export const clockCheckEveryMs = 3_000;
/** Time without an answer after which the offset counts as unknown, and nothing is decided. */
const clockCheckStaleMs = 30_000;
/** Factor by which timestamps that are ahead advance slower than the wall clock. */
const slowFactor = 2;
/** A call that was placed before a slow span ended is over by this long after it. */
const slowRememberedMs = durationMs(5 * 3_600_000);

/** The time of one batch of decisions. */
export type LaneTime = {
  /** Timestamp of the decisions. */
  readonly nowMs: EpochMs;
  /** Moment that deadlines are judged by. */
  readonly wallMs: EpochMs;
  /** The last span of slow stamps that timers may have been set in; undefined: there was none. */
  readonly slow: SlowStamps | undefined;
};

/**
 * Reason why nothing is decided: the machine's clock was set, and it is not clear whether that was right; or it differs
 * from the store's.
 */
export type ClockTrouble = 'stepped' | 'off_store';

/** Moment at which timestamps began to advance at half speed. */
type Ahead = { readonly stampMs: EpochMs; readonly monotonicMs: number };

/**
 * The moments that decisions are stamped with. They never go back. Where they are ahead of the wall clock (it was set
 * back, or an earlier owner's was ahead) they go on at half its speed until it has caught up. They stop when our clock
 * cannot be trusted.
 */
export class LaneClock {
  #last = epochMs(0);
  #ahead: Ahead | null = null;
  #slow: SlowStamps | undefined;
  #offStore = true;
  #stepped = false;
  /** Counts the steps that are over: what was compared before the last one says nothing. */
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

  /** null: decisions may be made; our clock goes evenly, and it was close to the store's not long ago. */
  get trouble(): ClockTrouble | null {
    this.#noticeStep();
    if (this.#stepped) return 'stepped';
    const isStale = this.timers.monotonicMs() - this.#checkedAtMs > clockCheckStaleMs;
    return this.#offStore || isStale ? 'off_store' : null;
  }

  /** The time of what is decided now. `nowMs` is never before the last one given out. */
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
   * Returns a moment no earlier than the last decision of this stream: earlier owners decided by clocks of their own.
   */
  after<Stream extends { readonly decidedAtMs: EpochMs }>(stream: Stream): Stream {
    const { decidedAtMs } = stream;
    if (decidedAtMs <= this.#last) return stream;
    this.#last = decidedAtMs;
    if (this.#ahead !== null) this.#ahead = { stampMs: decidedAtMs, monotonicMs: this.timers.monotonicMs() };
    // The leap was no time that passed.
    if (this.#isSlow) this.#slow = { sinceMs: decidedAtMs, untilMs: null };
    return stream;
  }

  /**
   * Compares the clocks once, then every `clockCheckEveryMs`.
   * @param decidedUpToMs no stamp is before it
   * @throws what the store's first answer threw
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
      // A little ahead is what clocks of one cluster always are: timers need not know.
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
      // An unanswered check leaves the last answer standing until it is stale.
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
    // The store answered at some moment of the round trip: the offset is known no better than that.
    const aheadMs = ours + tookMs / 2 - theirs;
    this.#offStore = Math.abs(aheadMs) - tookMs / 2 > clockOffsetMsMax;
    this.#checkedAtMs = this.timers.monotonicMs();
    const { nowMs, wallMs } = this.read();
    this.metrics.clockOffset(aheadMs, elapsedMs(wallMs, nowMs));
  }

  /** Notices a step; once it is over, whichever way, the store's clock is asked before anything is decided. */
  #noticeStep(): void {
    const wasStepped = this.#stepped;
    this.#stepped = this.clock.stepMs !== null;
    if (!wasStepped || this.#stepped) return;
    this.#stepsOver += 1;
    this.#offStore = true;
    this.#check().catch(() => undefined);
  }
}
