import { describe, expect, it } from '@jest/globals';
import { epochMs } from '@ringfence/kernel/units';
import fc from 'fast-check';
import { afterCall, restedGcra, waitMsFor, withRate, type Gcra } from './gcra.js';

const at = (ms: number) => epochMs(1_790_000_000_000 + ms);

/** Counts how many of these calls are accepted, and returns the state after them. */
function admit(gcra: Gcra, moments: readonly number[]): { admitted: number; gcra: Gcra } {
  let [admitted, state] = [0, gcra];
  for (const ms of moments) {
    if (waitMsFor(state, at(ms)) > 0) continue;
    admitted += 1;
    state = afterCall(state, at(ms));
  }
  return { admitted, gcra: state };
}

/**
 * The same rule as a leaky bucket in exact thousandths: what is in it drains by the rate, a call adds one, the bucket
 * holds the burst.
 */
function leakyBucket(callsPerSecond: number, burstCalls: number, moments: readonly number[]): number {
  let [admitted, level, before] = [0, 0, moments[0] ?? 0];
  for (const ms of moments) {
    level = Math.max(0, level - (ms - before) * callsPerSecond);
    before = ms;
    if (level + 1_000 > burstCalls * 1_000) continue;
    level += 1_000;
    admitted += 1;
  }
  return admitted;
}

describe('calls per second', () => {
  it.each([
    { callsPerSecond: 10, burstCalls: 1, moments: [0, 0], admitted: 1, because: 'a burst of one accepts one at once' },
    { callsPerSecond: 10, burstCalls: 3, moments: [0, 0, 0, 0], admitted: 3, because: 'the burst is spent' },
    { callsPerSecond: 10, burstCalls: 1, moments: [0, 99], admitted: 1, because: 'the next is due after 100 ms' },
    { callsPerSecond: 10, burstCalls: 1, moments: [0, 100], admitted: 2, because: 'exactly 100 ms have passed' },
    {
      callsPerSecond: 3,
      burstCalls: 1,
      moments: [0, 333],
      admitted: 1,
      because: 'a third of a second is more than 333 ms',
    },
    { callsPerSecond: 3, burstCalls: 2, moments: [0, 0, 334, 667, 1_000], admitted: 5, because: 'nothing is rounded' },
  ])('lets $admitted in at $callsPerSecond/s with a burst of $burstCalls: $because', (row) => {
    expect(admit(restedGcra(row.callsPerSecond, row.burstCalls), row.moments).admitted).toBe(row.admitted);
  });

  it('says after how many milliseconds the next call conforms, and then it does', () => {
    const spent = admit(restedGcra(7, 2), [0, 0]).gcra;
    const wait = waitMsFor(spent, at(0));
    expect(wait).toBe(143);
    expect(waitMsFor(spent, at(wait - 1))).toBeGreaterThan(0);
    expect(waitMsFor(spent, at(wait))).toBe(0);
  });

  it('accepts exactly what a leaky bucket of the same size accepts', () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 20 }), gaps, (rate, burst, steps) => {
        let ms = 0;
        const moments = steps.map((gap) => (ms += gap));
        expect(admit(restedGcra(rate, burst), moments).admitted).toBe(leakyBucket(rate, burst, moments));
      }),
    );
  });

  it('never accepts more than burst and rate allow, over any length of time', () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 20 }), gaps, (rate, burst, steps) => {
        let ms = 0;
        const moments = steps.map((gap) => (ms += gap));
        const spanMs = ms - (moments[0] ?? 0);
        const { admitted } = admit(restedGcra(rate, burst), moments);
        expect(admitted).toBeLessThanOrEqual(burst + Math.floor((spanMs * rate) / 1_000));
      }),
    );
  });

  it('forgives no flood when the rate changes', () => {
    const spent = admit(restedGcra(1, 1), [0]).gcra;
    expect(waitMsFor(spent, at(0))).toBe(1_000);
    expect(waitMsFor(withRate(spent, 100, 1), at(0))).toBe(1_000);
    expect(waitMsFor(withRate(withRate(spent, 7, 1), 1, 1), at(0))).toBeGreaterThanOrEqual(1_000);
  });
});
