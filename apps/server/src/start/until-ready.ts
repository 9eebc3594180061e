import type { Health } from '@ringfence/http/edge/ports';
import { pause, type Timers } from '@ringfence/kernel/timers';

const lookEveryMs = 20;
/** A start that takes longer is reported, and again after each further such time. */
export const readyLateMs = 20_000;

/** Parts that are not ready, and what is the matter with them. */
export type Missing = Readonly<Record<string, string>>;

/**
 * Waits until every part is ready, however long that takes: a platform that says it is ready can be relied on.
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
