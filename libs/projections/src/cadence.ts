/**
 * Interval at which a projection that no reader waits for commits in the long run; events that arrive meanwhile share
 * the next transaction.
 */
export const cadenceMs = 250;
/**
 * Commits that may follow one another immediately after a quiet period, so that an event of an idle platform is in the
 * rows without delay.
 */
export const burstCommitsMax = 8;

/**
 * Paces the commits of one projection (GCRA): immediate while traffic is low, in shared transactions while it is high.
 */
export class Cadence {
  /** The moment from which on the next commit would not count as early. */
  #dueMs = Number.NEGATIVE_INFINITY;

  /** @returns for how long to wait after a commit that began at `startedMs` */
  pauseAfterMs(startedMs: number, nowMs: number): number {
    this.#dueMs = Math.max(this.#dueMs, startedMs) + cadenceMs;
    return Math.max(0, this.#dueMs - (burstCommitsMax - 1) * cadenceMs - nowMs);
  }
}
