import type { Clock } from '@ringfence/kernel/clock';

/** How often a failure is logged that does not go away. */
const sameFailureEveryMs = 30_000;

/** Of one who tries again several times a second: whether a failure is another one than the last, or should be said once more. */
export function logThrottle(clock: Clock): (failure: unknown) => boolean {
  let said: { readonly text: string; readonly atMs: number } | undefined;
  return (failure) => {
    const [text, atMs] = [String(failure), clock.now()];
    if (said?.text === text && atMs - said.atMs < sameFailureEveryMs) return false;
    said = { text, atMs };
    return true;
  };
}
