import type { GuardedClock } from '@ringfence/kernel/clock';
import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import { type EpochMs, epochMs } from '@ringfence/kernel/units';
import type { EventSource } from '@ringfence/projections/event-source';
import type { Timers } from '@ringfence/kernel/timers';
import { followFeed } from '@ringfence/event-feed/follow-feed';
import { systemTimers } from '@ringfence/runtime/system-timers';
import type { KeyRegistry } from './key-registry.js';
import { StampsAhead } from './stamps-ahead.js';

/** Tolerated lead of another process's clock over this one's. */
const clocksDifferMs = 1_000;

/** Keeps a registry at the end of the log. */
export class KeyRegistryFeed {
  readonly #stamps = new StampsAhead();
  /** Moment of the last clock step; earlier moments were read before it. */
  #jumpedToMs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly registry: KeyRegistry,
    private readonly source: EventSource,
    private readonly clock: GuardedClock,
    /**
     * Called with every failure, for the operator; the feed retries, and the registry becomes stale meanwhile.
     */
    private readonly onFailure: (failure: unknown) => void,
    private readonly timers: Timers = systemTimers,
  ) {}

  /** The moment up to which everything was seen; 0: unknown, because a moment was read before the clock stepped. */
  #seenAllAt(reportedMs: EpochMs, requestedAtMs: EpochMs, nowMs: EpochMs): EpochMs {
    const isOurs = (moment: EpochMs) => moment >= this.#jumpedToMs && moment <= nowMs + clocksDifferMs;
    return epochMs(isOurs(reportedMs) && isOurs(requestedAtMs) ? Math.min(reportedMs, requestedAtMs, nowMs) : 0);
  }

  /** A moment not after the real decision of the last of these events, as timestamps may be ahead of the clock. */
  #decidedUpTo(batch: readonly RecordedEnvelope[], nowMs: EpochMs): EpochMs | undefined {
    const last = batch.at(-1)?.decidedAtMs;
    if (last === undefined) return undefined;
    this.#stamps.observe(last, nowMs);
    return epochMs(Math.max(0, last - this.#stamps.aheadMs(nowMs)));
  }

  /** Runs until `signal` aborts. Before an event that cannot be read the registry stops, and becomes stale. */
  run(signal: AbortSignal): Promise<void> {
    const { registry, source, clock, timers, onFailure } = this;
    clock.onJump(() => {
      registry.forgetFreshness();
      this.#jumpedToMs = clock.now();
    });
    return followFeed({
      source,
      clock,
      timers,
      signal,
      next: () => registry.nextPosition,
      onBatch: (batch, requestedAtMs) => {
        const nowMs = clock.now();
        if (registry.freshAtMs > nowMs) registry.forgetFreshness();
        // The heartbeat carries the moment at which the log was read.
        const reportedMs = batch.length === 0 ? source.seenAllAtMs?.() : this.#decidedUpTo(batch, nowMs);
        registry.apply(batch, this.#seenAllAt(reportedMs ?? requestedAtMs, requestedAtMs, nowMs));
      },
      onFailure,
    });
  }
}
