import { describe, expect, it } from '@jest/globals';
import { localDay, micros } from '@ringfence/kernel/units';
import { afterRelease, afterReservation, spentOn } from './daily-spend.js';

describe('daily spend', () => {
  const [monday, tuesday] = [localDay('2026-06-22'), localDay('2026-06-23')];

  it('adds up what one day reserves and starts over with the next', () => {
    const spend = afterReservation(afterReservation(null, monday, micros(5n)), monday, micros(7n));
    expect(spentOn(spend, monday)).toBe(12n);
    expect(spentOn(spend, tuesday)).toBe(0n);
    expect(spentOn(afterReservation(spend, tuesday, micros(1n)), tuesday)).toBe(1n);
  });

  it('gives back to the day it was reserved on, and to no other', () => {
    const spend = afterReservation(null, tuesday, micros(5n));
    expect(spentOn(afterRelease(spend, monday, micros(3n)), tuesday)).toBe(5n);
    expect(spentOn(afterRelease(spend, tuesday, micros(3n)), tuesday)).toBe(2n);
  });

  it('never goes back to a day that is over', () => {
    const spend = afterReservation(null, tuesday, micros(5n));
    expect(afterReservation(spend, monday, micros(9n))).toEqual(spend);
  });
});
