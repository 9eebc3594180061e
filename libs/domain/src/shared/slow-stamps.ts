import { addDuration, durationMs, laterOf, type EpochMs } from '@ringfence/kernel/units';

/**
 * A span of stamps that were given at half speed, because they had come to be ahead of the wall clock: between two of them twice as much time has passed as
 * they say. `untilMs`: where the wall clock had caught up; null: it has not yet.
 */
export type SlowStamps = { readonly sinceMs: EpochMs; readonly untilMs: EpochMs | null };

/** The stamp of a decision, and the last span of slow ones before it; undefined: there was none. */
export type StampedTime = { readonly nowMs: EpochMs; readonly slow?: SlowStamps | undefined };

/**
 * The moment that has come for what began at the stamp `beganMs`: that stamp plus the time that has really passed since. A timer that was set then for so
 * long is due by it, however slowly stamps went meanwhile. Never before `nowMs`.
 */
export function elapsedFrom(beganMs: EpochMs, { nowMs, slow }: StampedTime): EpochMs {
  if (slow === undefined) return nowMs;
  const slowMs = Math.min(nowMs, slow.untilMs ?? nowMs) - laterOf(beganMs, slow.sinceMs);
  return slowMs <= 0 ? nowMs : addDuration(nowMs, durationMs(slowMs));
}

/** The latest moment that can have come for anything: a timer beyond it is not due, whenever it was set. */
export function latestElapsed(time: StampedTime): EpochMs {
  return time.slow === undefined ? time.nowMs : elapsedFrom(time.slow.sinceMs, time);
}
