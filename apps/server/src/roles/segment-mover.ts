import { isRetryable } from '@ringfence/kernel/failure';
import { pause } from '@ringfence/kernel/timers';
import { pagePositions } from '@ringfence/ports/log/log-segments';
import type { PostgresSubjectVault } from '@ringfence/vault-postgres/postgres-subject-vault';
import type { Needs } from '../server-process.js';

/** Interval at which a process looks whether something has become cold. */
const lookEveryMs = 10_000;
/** Time in which a process of an earlier release that lost its connections has them back. */
const formerReleaseWaitMs = 60_000;
/** Rest after a move, as a multiple of its work: a tenth of one core, ours and the database's together. */
const restsPerWork = 9;
/** Rest after a page, which is shorter: the transaction stays open meanwhile. */
const restsPerPageWork = 2;
const segmentPagesMax = 64;

/**
 * Returns the pages that are moved together: a quarter of the hot window, at most 64. Larger segments have a smaller
 * index; smaller ones keep the rows nearer to the window.
 */
function segmentPages(hotEvents: number): number {
  return Math.min(segmentPagesMax, Math.max(1, Math.floor(hotEvents / 4 / pagePositions)));
}

/**
 * Moves cold positions of the log into segments, a segment at a time, at a tenth of one core. Every decider does;
 * the database admits one move at a time.
 */
export function startSegmentMover({
  segments,
  vault,
  config,
  timers,
  log,
  metrics,
}: Needs<'segments' | 'config' | 'timers' | 'log' | 'metrics'> & {
  readonly vault: Pick<PostgresSubjectVault, 'pack'>;
}): { readonly stop: () => Promise<void> } {
  const ending = new AbortController();
  const { logHotEvents: hotEvents } = config;
  const pages = segmentPages(hotEvents);
  let waitsForFormer = false;
  let vaultPacks = false;

  /** @returns the time until the next look */
  async function move(): Promise<number> {
    const beganMs = timers.monotonicMs();
    let lastMs = beganMs;
    let restedMs = 0;
    const afterPage = async () => {
      const restMs = (timers.monotonicMs() - lastMs) * restsPerPageWork;
      await pause(timers, restMs, ending.signal);
      restedMs += restMs;
      lastMs = timers.monotonicMs();
    };
    const { outcome, next, coldEvents } = await segments.moveCold({ hotEvents, pages, afterPage });
    metrics.segments.looked(next, coldEvents);
    if (outcome === 'former_release' && !waitsForFormer) log.event('segments_wait');
    waitsForFormer = outcome === 'former_release';
    if (outcome === 'moved' && !vaultPacks) {
      // The release before has gone for good, as it has for the log.
      await vault.pack();
      vaultPacks = true;
    }
    const workedMs = timers.monotonicMs() - beganMs - restedMs;
    if (outcome === 'moved') return Math.max(0, workedMs * restsPerWork - restedMs);
    return outcome === 'former_release' ? formerReleaseWaitMs : lookEveryMs;
  }

  const run = (async () => {
    for (let waitMs = lookEveryMs; ;) {
      await pause(timers, waitMs, ending.signal);
      if (ending.signal.aborted) return;
      try {
        waitMs = await move();
      } catch (failure) {
        if (!isRetryable(failure)) {
          log.event('segment_not_moved', { err: failure });
          return;
        }
        log.event('segment_move_error', { err: failure });
        waitMs = lookEveryMs;
      }
    }
  })();
  return {
    stop: async () => {
      ending.abort();
      await run;
    },
  };
}
