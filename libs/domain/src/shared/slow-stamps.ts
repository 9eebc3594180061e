import { addDuration, durationMs, laterOf, type EpochMs } from '@ringfence/kernel/units';

/**
 * A span of stamps given at half speed, because they were ahead of the wall clock: twice as much time passed between
 * two of them as they say. `untilMs`: where the wall clock caught up; null: it has not yet.
 */
export type SlowStamps = { readonly sinceMs: EpochMs; readonly untilMs: EpochMs | null };

/** The stamp of a decision, and the last span of slow stamps before it; undefined: there was none. */
export type StampedTime = { readonly nowMs: EpochMs; readonly slow?: SlowStamps | undefined };

/**
 * The moment reached by a wait that began at the stamp `beganMs`: that stamp plus the time that has really passed
 * since. A timer set then is due by this moment, however slow the stamps were meanwhile. Never before `nowMs`.
 */
export function elapsedFrom(beganMs: EpochMs, { nowMs, slow }: StampedTime): EpochMs {
  if (slow === undefined) return nowMs;
  const slowMs = Math.min(nowMs, slow.untilMs ?? nowMs) - laterOf(beganMs, slow.sinceMs);
  return slowMs <= 0 ? nowMs : addDuration(nowMs, durationMs(slowMs));
}

/** The latest moment that any wait can have reached: a timer beyond it is not due, whenever it was set. */
export function latestElapsed(time: StampedTime): EpochMs {
  return time.slow === undefined ? time.nowMs : elapsedFrom(time.slow.sinceMs, time);
}
