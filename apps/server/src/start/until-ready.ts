import type { Health } from '@ringfence/http/edge/ports';
import { pause, type Timers } from '@ringfence/kernel/timers';

const lookEveryMs = 20;
/** A start that takes longer is told of, and again each time that as much more has passed. */
export const readyLateMs = 20_000;

/** Parts that are not ready, and what is the matter with them. */
export type Missing = Readonly<Record<string, string>>;

/**
 * Waits until every part is ready, however long that takes: whoever is told that the platform is ready may rely on it.
 * @returns false: `signal` aborted first
 */
export async function untilReady(
  health: Pick<Health, 'parts'>,
  timers: Timers,
  signal: AbortSignal,
  onLate: (missing: Missing) => void,
): Promise<boolean> {
  let toldAtMs = timers.monotonicMs();
  while (!signal.aborted) {
    const missing = missingOf(await health.parts());
    if (Object.keys(missing).length === 0) return true;
    if (timers.monotonicMs() - toldAtMs >= readyLateMs) {
      toldAtMs = timers.monotonicMs();
      onLate(missing);
    }
    await pause(timers, lookEveryMs, signal);
  }
  return false;
}

function missingOf(parts: Readonly<Record<string, string | null>>): Missing {
  return Object.fromEntries(Object.entries(parts).flatMap(([part, what]) => (what === null ? [] : [[part, what]])));
}
