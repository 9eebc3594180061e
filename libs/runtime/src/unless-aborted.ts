/** Resolves like `work`; rejects with the signal's reason when that aborts first (`work` is not cancelled). */
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
