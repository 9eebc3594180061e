import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import { isAborted } from '@ringfence/kernel/aborted';
import type { Clock } from '@ringfence/kernel/clock';
import { pause, type Timers } from '@ringfence/kernel/timers';
import type { EpochMs, Position } from '@ringfence/kernel/units';
import type { EventSource } from '@ringfence/projections/event-source';

/** Pause before a follower renews a broken subscription. */
export const resubscribeAfterMs = 200;

type FeedFollowing = {
  readonly source: EventSource;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly signal: AbortSignal;
  /** The position of the first event still needed; called for each subscription. */
  readonly next: () => Position;
  /**
   * @param batch empty: there was nothing new
   * @param askedAtMs when it was requested. It was read after that; how much later is unknown, because the process may
   * have been suspended in between
   */
  readonly onBatch: (batch: readonly RecordedEnvelope[], askedAtMs: EpochMs) => void;
  /** Called for each failure, for the log; the work is retried without end. */
  readonly onFailure: (failure: unknown) => void;
};

/**
 * Keeps in-memory state at the end of the log, until `signal` aborts. A subscription that fails or ends is renewed from
 * `next`. An event that cannot be read is never skipped: the follower stays before it.
 */
export async function followFeed(following: FeedFollowing): Promise<void> {
  const { source, clock, timers, signal, next, onBatch, onFailure } = following;
  while (!signal.aborted) {
    try {
      let askedAtMs = clock.now();
      for await (const batch of source.subscribe(next(), signal)) {
        onBatch(batch, askedAtMs);
        askedAtMs = clock.now();
      }
    } catch (failure) {
      if (!isAborted(signal)) onFailure(failure);
    }
    if (!isAborted(signal)) await pause(timers, resubscribeAfterMs, signal);
  }
}
