import type { Timers } from '@ringfence/kernel/timers';

/** Settles after `delayMs`, or when `signal` aborts. */
export function pause(timers: Timers, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      cancel();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const cancel = timers.after(delayMs, done);
    signal.addEventListener('abort', done);
    if (signal.aborted) done();
  });
}

/** What `work` leads to; rejects with the signal's reason when that aborts first, and the work is left to itself. */
export function unlessAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => {
      reject(signal.reason instanceof Error ? signal.reason : new Error('aborted', { cause: signal.reason }));
    };
    signal.addEventListener('abort', giveUp);
    const settled = (): void => {
      signal.removeEventListener('abort', giveUp);
    };
    work.then(resolve, reject).finally(settled);
    if (signal.aborted) giveUp();
  });
}
