import type { Clock } from '@ringfence/kernel/clock';

/** How often a persistent failure is logged. */
const sameFailureEveryMs = 30_000;

/** For a loop that retries several times a second: whether a failure differs from the last one, or should be logged once more. */
export function logThrottle(clock: Clock): (failure: unknown) => boolean {
  let said: { readonly text: string; readonly atMs: number } | undefined;
  return (failure) => {
    const [text, atMs] = [String(failure), clock.now()];
    if (said?.text === text && atMs - said.atMs < sameFailureEveryMs) return false;
    said = { text, atMs };
    return true;
  };
}
