import { identityOf } from '@ringfence/event-catalog/event-codec';
import type { EventStore } from '@ringfence/ports/log/event-store';
import { Failure } from '@ringfence/kernel/failure';
import { addDuration, durationMs, elapsedMs, epochMs, type EpochMs, laterOf, position } from '@ringfence/kernel/units';

/** Number of last events that are read, because lanes of several owners have different clocks. */
const eventsLookedAt = 1_000;
/** A log that is further ahead of the clock than this is refused unless an operator accepts it. */
export const logAheadMsMax = durationMs(3_600_000);

/**
 * The latest decision time among the newest events; 0: there are none.
 * @throws Failure `event_store_unavailable` (retryable)
 */
export async function latestDecisionMs(store: EventStore): Promise<EpochMs> {
  const head = await store.head();
  const newest = await store.readAll(position(Math.max(0, head - eventsLookedAt)), eventsLookedAt);
  return newest.map(({ bytes }) => epochMs(Date.parse(identityOf(bytes).time))).reduce(laterOf, epochMs(0));
}

/**
 * Refuses a log whose newest events are far ahead of the clock: either the clock that they were decided by was wrong,
 * or ours is.
 * @param acceptedUntilMs an operator has accepted events up to this moment; null: none
 * @throws Failure `log_ahead_of_clock`
 */
export function checkLogAhead(latestMs: EpochMs, nowMs: EpochMs, acceptedUntilMs: EpochMs | null): void {
  const aheadMs = elapsedMs(nowMs, latestMs);
  if (aheadMs <= logAheadMsMax || latestMs <= (acceptedUntilMs ?? nowMs)) return;
  // Timestamps advance at half speed until the clock has caught up, which is at this moment.
  const metAtMs = addDuration(latestMs, aheadMs);
  throw new Failure(
    'log_ahead_of_clock',
    `the clock says ${isoOf(nowMs)}, but the newest event of the log was decided at ${isoOf(latestMs)}: set the clock right; ` +
      `if it is right, start with RINGFENCE_LOG_AHEAD_UNTIL=${isoOf(metAtMs)}, and decisions are stamped ahead of it until then`,
    false,
  );
}

const isoOf = (moment: EpochMs): string => new Date(moment).toISOString();
