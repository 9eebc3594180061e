import { identityOf } from '@ringfence/event-catalog/event-codec';
import type { EventStore } from '@ringfence/ports/log/event-store';
import { Failure } from '@ringfence/kernel/failure';
import { addDuration, durationMs, elapsedMs, epochMs, type EpochMs, laterOf, position } from '@ringfence/kernel/units';

/** Events at the end of the log that are looked at: lanes of several owners stamp by clocks of their own. */
const eventsLookedAt = 1_000;
/** A log that is further ahead of the clock than this is decided on only when an operator says so. */
export const logAheadMsMax = durationMs(3_600_000);

/**
 * The latest moment that one of the newest events was decided at; the beginning of time: there are none.
 * @throws Failure `event_store_unavailable` (retryable)
 */
export async function latestDecisionMs(store: EventStore): Promise<EpochMs> {
  const head = await store.head();
  const newest = await store.readAll(position(Math.max(0, head - eventsLookedAt)), eventsLookedAt);
  return newest.map(({ bytes }) => epochMs(Date.parse(identityOf(bytes).time))).reduce(laterOf, epochMs(0));
}

/**
 * Refuses a log whose newest events are far ahead of the clock: either they were decided by a clock that was wrong, or
 * ours is.
 * @param acceptedUntilMs events up to this moment were accepted by an operator; null: none were
 * @throws Failure `log_ahead_of_clock`
 */
export function checkLogAhead(latestMs: EpochMs, nowMs: EpochMs, acceptedUntilMs: EpochMs | null): void {
  const aheadMs = elapsedMs(nowMs, latestMs);
  if (aheadMs <= logAheadMsMax || latestMs <= (acceptedUntilMs ?? nowMs)) return;
  // Stamps go at half speed until the clock has caught up: until then they come as far as this.
  const metAtMs = addDuration(latestMs, aheadMs);
  throw new Failure(
    'log_ahead_of_clock',
    `the clock says ${isoOf(nowMs)}, but the newest event of the log was decided at ${isoOf(latestMs)}: set the clock right; ` +
      `if it is right, start with RINGFENCE_LOG_AHEAD_UNTIL=${isoOf(metAtMs)}, and decisions are stamped ahead of it until then`,
    false,
  );
}

const isoOf = (moment: EpochMs): string => new Date(moment).toISOString();
