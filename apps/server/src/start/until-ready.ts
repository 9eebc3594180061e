import type { Health } from '@ringfence/http/edge/ports';
import { pause, type Timers } from '@ringfence/kernel/timers';

const lookEveryMs = 20;
/** The interval at which a slow start is reported. */
export const readyLateMs = 20_000;

/** Parts that are not ready, with the reason. */
export type Missing = Readonly<Record<string, string>>;

/**
 * Waits until every part is ready, however long that takes, so that a platform that reports ready is ready.
 * @returns false: `signal` aborted first
 */
export async function untilReady(
  health: Pick<Health, 'parts'>,
  timers: Timers,
  signal: AbortSignal,
  onLate: (missing: Missing) => void,
): Promise<boolean> {
  let loggedAtMs = timers.monotonicMs();
  while (!signal.aborted) {
    const missing = missingOf(await health.parts());
    if (Object.keys(missing).length === 0) return true;
    if (timers.monotonicMs() - loggedAtMs >= readyLateMs) {
      loggedAtMs = timers.monotonicMs();
      onLate(missing);
    }
    await pause(timers, lookEveryMs, signal);
  }
  return false;
}

function missingOf(parts: Readonly<Record<string, string | null>>): Missing {
  return Object.fromEntries(Object.entries(parts).flatMap(([part, what]) => (what === null ? [] : [[part, what]])));
}
