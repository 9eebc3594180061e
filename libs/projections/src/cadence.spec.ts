import { describe, expect, it } from '@jest/globals';
import { burstCommitsMax, Cadence, cadenceMs } from './cadence.js';

/** Moments at which commits begin when there is always something to commit, each taking `tookMs`. */
function commitsAt(cadence: Cadence, fromMs: number, untilMs: number, tookMs: number): readonly number[] {
  const begun: number[] = [];
  for (let nowMs = fromMs; nowMs < untilMs;) {
    begun.push(nowMs);
    const endedMs = nowMs + tookMs;
    nowMs = endedMs + cadence.pauseAfterMs(nowMs, endedMs);
  }
  return begun;
}

describe('the cadence of a projection', () => {
  it('lets a few commits follow one another at once after a rest', () => {
    const cadence = new Cadence();
    const pauses = Array.from({ length: burstCommitsMax - 1 }, (_, at) => cadence.pauseAfterMs(1_000 + at, 1_001 + at));
    expect(pauses).toEqual(pauses.map(() => 0));
    expect(cadence.pauseAfterMs(1_010, 1_011)).toBeGreaterThan(cadenceMs - 20);
  });

  it('commits no more often than its cadence in the long run, whatever a commit takes', () => {
    for (const tookMs of [0, 5, 100]) {
      const begun = commitsAt(new Cadence(), 0, 60_000, tookMs);
      expect(begun.length).toBeLessThanOrEqual(60_000 / cadenceMs + burstCommitsMax);
      expect(begun.length).toBeGreaterThanOrEqual(60_000 / cadenceMs - 1);
    }
  });

  it('has its burst again after a rest', () => {
    const cadence = new Cadence();
    commitsAt(cadence, 0, 10_000, 1);
    expect(cadence.pauseAfterMs(20_000, 20_001)).toBe(0);
  });
});
