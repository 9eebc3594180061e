import { describe, expect, it } from '@jest/globals';
import { type ScheduledFault, faultKinds, faultsMsMin, describeFault, scheduleOf } from './schedule.js';

const seeds = Array.from({ length: 200 }, (_, seed) => seed);
const kindsOf = (faults: readonly ScheduledFault[]) => new Set(faults.map(({ kind }) => kind));

describe('the schedule of faults', () => {
  it('is the very same for the same seed, and another for another', () => {
    for (const seed of seeds) {
      expect(scheduleOf(seed, 600_000)).toEqual(scheduleOf(seed, 600_000));
      expect(scheduleOf(seed, 600_000)).not.toEqual(scheduleOf(seed + 1, 600_000));
    }
  });

  it('only goes on when it has more time: what came before stays as it was', () => {
    for (const seed of seeds) {
      const short = scheduleOf(seed, faultsMsMin);
      expect(scheduleOf(seed, 3_600_000).slice(0, short.length)).toEqual(short);
    }
  });

  it('has every kind of fault in the least time that it takes', () => {
    for (const seed of seeds) expect(kindsOf(scheduleOf(seed, faultsMsMin))).toEqual(new Set(faultKinds));
  });

  it('adds the third decider before it takes it away, and never twice', () => {
    for (const seed of seeds) {
      const comings = scheduleOf(seed, 600_000).filter(({ kind }) => /^decider_/.test(kind));
      for (const [at, { kind }] of comings.entries())
        expect(kind).toBe(at % 2 === 0 ? 'decider_added' : 'decider_removed');
    }
  });

  it('has no room in less than that, and says so', () => {
    expect(() => scheduleOf(1, faultsMsMin - 1)).toThrow(RangeError);
  });

  it('can be read by people', () => {
    expect(describeFault({ kind: 'pause', process: 'decider-1', forMs: 10_000, atMs: 4_200 })).toBe(
      '   4200 ms pause decider-1 for 10000 ms',
    );
    expect(describeFault({ kind: 'clock_step', process: 'gateway-2', byMs: -1_000, forMs: 3_000, atMs: 4_200 })).toBe(
      '   4200 ms clock_step gateway-2 by -1000 ms for 3000 ms',
    );
  });
});
