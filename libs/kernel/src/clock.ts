import type { EpochMs } from './units.js';

/** The shell's source of time; the domain receives moments in its commands. */
export interface Clock {
  now(): EpochMs;
}

/**
 * A clock that detects when the machine's clock was set, and continues evenly until it is clear whether that was right.
 */
export interface GuardedClock extends Clock {
  /**
   * Milliseconds by which the machine's clock was set (positive: forward), until the step is adopted; null: it was not
   * set.
   */
  readonly stepMs: number | null;
  /**
   * Calls `onJumped` whenever time jumps, before any moment after the jump is read. Moments before and after it cannot
   * be compared. Must not throw.
   */
  onJump(onJumped: () => void): void;
}
