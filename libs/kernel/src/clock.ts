import type { EpochMs } from './units.js';

/** The shell's source of time; the domain gets moments in its commands. */
export interface Clock {
  now(): EpochMs;
}

/** A clock that notices when the machine's was set, and goes on evenly while it is not clear whether that was right. */
export interface GuardedClock extends Clock {
  /**
   * Milliseconds by which the machine's clock was set (positive: forward), until the step is adopted; null: it was not
   * set.
   */
  readonly stepMs: number | null;
  /**
   * Calls `onJumped` whenever time jumps, before any moment after the jump is read: moments before it say nothing about
   * those after it. Must not throw.
   */
  onJump(onJumped: () => void): void;
}
