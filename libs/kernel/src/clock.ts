import type { EpochMs } from './units.js';

/** Where the shell takes time from; the domain gets moments in its commands. */
export interface Clock {
  now(): EpochMs;
}

/** A clock that notices when the machine's was set, and goes on evenly while it is not clear whether that was right. */
export interface GuardedClock extends Clock {
  /** By how many milliseconds the machine's clock has been set (positive: forward), as long as that is not taken over; null: it has not been set. */
  readonly stepMs: number | null;
  /** Calls `told` whenever its time jumps, before any moment behind the jump is read: those before it say nothing of those behind it. Must not throw. */
  onJump(told: () => void): void;
}
