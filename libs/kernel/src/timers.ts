/** Cancels a planned action; does nothing once it has run. */
export type CancelTimer = () => void;

/** The shell's timers, so that a test can control time. */
export interface Timers {
  /** Milliseconds of a monotonic clock with an origin of its own; may have a fraction. */
  monotonicMs(): number;
  /** Runs `action` once, at least `delayMs` from now. Does not keep the process alive by itself. */
  after(delayMs: number, action: () => void): CancelTimer;
  /** Runs `action` once, in a later turn of the event loop, after everything that arrives in this turn. */
  soon(action: () => void): void;
}

/** Settles `delayMs` from now, or as soon as `signal` aborts. Never rejects. */
export function pause(timers: Timers, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) {
      resolve();
      return;
    }
    const end = () => {
      cancel();
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const cancel = timers.after(delayMs, end);
    signal?.addEventListener('abort', end, { once: true });
  });
}

/** Settles in a later turn of the event loop, after everything that arrives in this turn. */
export function nextTurn(timers: Pick<Timers, 'soon'>): Promise<void> {
  return new Promise((resolve) => {
    timers.soon(resolve);
  });
}
