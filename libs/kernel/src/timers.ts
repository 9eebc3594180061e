/** Takes a planned action back; nothing happens when it is over. */
export type CancelTimer = () => void;

/** Where the shell takes waiting from, so that a test can let time pass by itself. */
export interface Timers {
  /** Milliseconds of a monotonic clock with an origin of its own; may have a fraction. */
  monotonicMs(): number;
  /** Runs `action` once, at least `delayMs` from now. Does not keep the process alive by itself. */
  after(delayMs: number, action: () => void): CancelTimer;
}
