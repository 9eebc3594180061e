import { describe, expect, it } from '@jest/globals';
import { epochMs, localDay, micros } from '@ringfence/kernel/units';
import { afterRelease, afterReservation, spentOn } from './daily-spend.js';
import { isTimeZone, localDayOf, localDaysOf } from './local-day.js';

describe('local days', () => {
  it.each([
    { zone: 'Europe/Berlin', utc: 1_782_165_599_000, day: '2026-06-22', because: 'it is 23:59:59 in summer time' },
    { zone: 'Europe/Berlin', utc: 1_782_165_600_000, day: '2026-06-23', because: 'midnight begins the next day' },
    {
      zone: 'America/Los_Angeles',
      utc: 1_782_165_600_000,
      day: '2026-06-22',
      because: 'it is three in the afternoon there',
    },
    {
      zone: 'Pacific/Kiritimati',
      utc: 1_782_165_600_000,
      day: '2026-06-23',
      because: 'it is noon, fourteen hours ahead',
    },
  ])('$utc is $day in $zone: $because', ({ zone, utc, day }) => {
    expect(localDayOf(zone, epochMs(utc))).toBe(day);
  });

  it('knows IANA zones from other words', () => {
    expect(isTimeZone('Asia/Kolkata')).toBe(true);
    expect(isTimeZone('Middle/Earth')).toBe(false);
    expect(isTimeZone('')).toBe(false);
    for (const zone of ['NST', 'IST', 'BST', 'ACT', 'EST', 'US/Pacific-New', 'SystemV/EST5', '+05:00'])
      expect([zone, isTimeZone(zone)]).toEqual([zone, false]);
    for (const zone of ['UTC', 'Etc/UTC', 'Etc/GMT+5', 'America/Argentina/Ushuaia', 'Europe/Kyiv'])
      expect([zone, isTimeZone(zone)]).toEqual([zone, true]);
  });

  it.each(Intl.supportedValuesOf('timeZone').filter(isTimeZone))('follow each other without a gap in %s', (zone) => {
    const [from, to] = [epochMs(1_767_225_600_000), epochMs(1_830_297_600_000)];
    const days = localDaysOf(zone, from, to);
    for (const [at, { day, startMs, endMs }] of days.entries()) {
      expect([localDayOf(zone, startMs), localDayOf(zone, epochMs(endMs - 1))]).toEqual([day, day]);
      expect(days[at + 1]?.startMs ?? endMs).toBe(endMs);
    }
    expect(days[0]?.startMs).toBeLessThanOrEqual(from);
    expect(days.at(-1)?.endMs).toBeGreaterThanOrEqual(to);
  });
});

describe('daily spend', () => {
  const [monday, tuesday] = [localDay('2026-06-22'), localDay('2026-06-23')];

  it('adds up what one day reserves and begins anew with the next', () => {
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
