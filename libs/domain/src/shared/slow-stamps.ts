import { addDuration, durationMs, laterOf, type EpochMs } from '@ringfence/kernel/units';

/**
 * A span of timestamps that advanced at half speed, because they were ahead of the wall clock: twice as much time
 * passed as between two of them. `untilMs`: where the wall clock caught up; null: it has not yet.
 */
export type SlowStamps = { readonly sinceMs: EpochMs; readonly untilMs: EpochMs | null };

/** The timestamp of a decision, and the last slow span before it; undefined: there was none. */
export type StampedTime = { readonly nowMs: EpochMs; readonly slow?: SlowStamps | undefined };

/**
 * The moment reached by a wait that began at the timestamp `beganMs`: that timestamp plus the time really passed since,
 * however slowly the timestamps advanced meanwhile. Never before `nowMs`.
 */
export function elapsedFrom(beganMs: EpochMs, { nowMs, slow }: StampedTime): EpochMs {
  if (slow === undefined) return nowMs;
  const slowMs = Math.min(nowMs, slow.untilMs ?? nowMs) - laterOf(beganMs, slow.sinceMs);
  return slowMs <= 0 ? nowMs : addDuration(nowMs, durationMs(slowMs));
}

/** The latest moment that any wait can have reached; a timer beyond it is not due, whenever it was set. */
export function latestElapsed(time: StampedTime): EpochMs {
  return time.slow === undefined ? time.nowMs : elapsedFrom(time.slow.sinceMs, time);
}
