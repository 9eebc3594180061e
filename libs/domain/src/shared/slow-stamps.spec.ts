import { describe, expect, it } from '@jest/globals';
import { epochMs } from '@ringfence/kernel/units';
import { elapsedFrom, latestElapsed } from './slow-stamps.js';

describe('the time that has passed since a stamp', () => {
  const slow = { sinceMs: epochMs(1_000), untilMs: null };
  const over = { sinceMs: epochMs(1_000), untilMs: epochMs(1_500) };

  it.each([
    { beganMs: 1_200, nowMs: 1_400, slow: undefined, comes: 1_400, because: 'stamps went with the clock' },
    { beganMs: 1_200, nowMs: 1_400, slow, comes: 1_600, because: '200 ms of stamps took 400 ms' },
    {
      beganMs: 800,
      nowMs: 1_400,
      slow,
      comes: 1_800,
      because: 'the 200 ms before took 200 ms, the 400 ms since 800 ms',
    },
    {
      beganMs: 1_200,
      nowMs: 2_000,
      slow: over,
      comes: 2_300,
      because: 'only the 300 ms until 1,500 took twice as long',
    },
    {
      beganMs: 1_600,
      nowMs: 2_000,
      slow: over,
      comes: 2_000,
      because: 'it began when stamps went with the clock again',
    },
    { beganMs: 1_400, nowMs: 1_400, slow, comes: 1_400, because: 'it has just begun' },
  ])('is found where stamps were slow: $because', ({ beganMs, nowMs, slow: span, comes }) => {
    expect(elapsedFrom(epochMs(beganMs), { nowMs: epochMs(nowMs), slow: span })).toBe(comes);
  });

  it('is never more than for what began before the stamps were slow', () => {
    expect(latestElapsed({ nowMs: epochMs(1_400), slow })).toBe(1_800);
    expect(latestElapsed({ nowMs: epochMs(2_000), slow: over })).toBe(2_500);
    expect(latestElapsed({ nowMs: epochMs(1_400) })).toBe(1_400);
  });
});
