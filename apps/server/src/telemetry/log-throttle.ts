import type { Clock } from '@ringfence/kernel/clock';

/** The interval at which a persistent failure is logged. */
const sameFailureEveryMs = 30_000;

/** Decides, for a loop that retries several times a second, whether to log a failure: a new one, or one due again. */
export function logThrottle(clock: Clock): (failure: unknown) => boolean {
  let lastLogged: { readonly text: string; readonly atMs: number } | undefined;
  return (failure) => {
    const [text, atMs] = [String(failure), clock.now()];
    if (lastLogged?.text === text && atMs - lastLogged.atMs < sameFailureEveryMs) return false;
    lastLogged = { text, atMs };
    return true;
  };
}
