import { describe, expect, it } from '@jest/globals';
import { daysBetween } from '@ringfence/domain/limits/account-days';
import { epochMs } from '@ringfence/kernel/units';
import { ianaCalendar } from './iana-calendar.js';
import { instantsAround, offsetIn } from './zone-offsets.js';

describe('the calendar', () => {
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
    expect(ianaCalendar.dayOf(zone, epochMs(utc))).toBe(day);
  });

  it('knows IANA zones from other words', () => {
    expect(ianaCalendar.accepts('Asia/Kolkata')).toBe(true);
    expect(ianaCalendar.accepts('Middle/Earth')).toBe(false);
    expect(ianaCalendar.accepts('')).toBe(false);
    for (const zone of ['NST', 'IST', 'BST', 'ACT', 'EST', 'US/Pacific-New', 'SystemV/EST5', '+05:00'])
      expect([zone, ianaCalendar.accepts(zone)]).toEqual([zone, false]);
    for (const zone of ['UTC', 'Etc/UTC', 'Etc/GMT+5', 'America/Argentina/Ushuaia', 'Europe/Kyiv'])
      expect([zone, ianaCalendar.accepts(zone)]).toEqual([zone, true]);
  });

  it('reads what it does not know in UTC: an account of such a zone goes on', () => {
    expect(ianaCalendar.dayOf('Middle/Earth', epochMs(1_782_172_800_000 - 1))).toBe('2026-06-22');
    expect(ianaCalendar.dayOf('Middle/Earth', epochMs(1_782_172_800_000))).toBe('2026-06-23');
  });

  it('says by which data it reads', () => {
    expect(ianaCalendar.version).toMatch(/^20\d\d[a-z]$/);
    expect(ianaCalendar.version).toBe(process.versions['tz']);
  });

  it('keeps a day for its minute, within which none begins: clocks change at whole minutes, by whole minutes', () => {
    const [from, to] = [epochMs(Date.UTC(2026, 0)), epochMs(Date.UTC(2029, 0))];
    const zones = Intl.supportedValuesOf('timeZone').filter((zone) => ianaCalendar.accepts(zone));
    const changes = zones.flatMap((zone) => {
      const instants = instantsAround(zone, from, to);
      return instants.filter((atMs, index) => atMs - 1_000 === instants[index - 1]).map((atMs) => ({ zone, atMs }));
    });
    expect(changes.length).toBeGreaterThan(300);
    expect(changes.filter(({ atMs }) => atMs % 60_000 !== 0)).toEqual([]);
    expect(changes.filter(({ zone, atMs }) => offsetIn(zone, atMs) % 60_000 !== 0)).toEqual([]);
    expect(zones.filter((zone) => offsetIn(zone, from) % 60_000 !== 0)).toEqual([]);
  });

  it('reads the same in any order, of zones in turns, on both sides of midnight', () => {
    const [berlin, utc] = ['Europe/Berlin', 'UTC'];
    const midnight = 1_782_165_600_000;
    const asked = [midnight, midnight - 1, midnight, midnight + 59_999, midnight - 60_000, midnight];
    const days = asked.map((atMs) => [berlin, utc].map((zone) => ianaCalendar.dayOf(zone, epochMs(atMs)).slice(-2)));
    expect(days.map(([there]) => there)).toEqual(['23', '22', '23', '23', '22', '23']);
    expect(days.map(([, here]) => here)).toEqual(Array.from(asked, () => '22'));
  });

  it('keeps no day of a time in which clocks still differed by seconds', () => {
    // Monrovia was 44 min 30 s behind until January 7, 1972.
    const midnight = Date.UTC(1971, 5, 1, 0, 44, 30);
    const days = [midnight - 1, midnight].map((atMs) => ianaCalendar.dayOf('Africa/Monrovia', epochMs(atMs)));
    expect(days).toEqual(['1971-05-31', '1971-06-01']);
  });

  it.each(Intl.supportedValuesOf('timeZone').filter((zone) => ianaCalendar.accepts(zone)))(
    'has days that follow each other without a gap in %s',
    (zone) => {
      const [from, to] = [epochMs(1_767_225_600_000), epochMs(1_830_297_600_000)];
      const days = daysBetween([{ timeZone: zone, fromMs: from, firstDay: null }], ianaCalendar, from, to);
      // One expectation for all: a matcher costs more than the days do.
      const askew = days.filter(({ day, startMs, endMs }, at) => {
        const [first, last] = [ianaCalendar.dayOf(zone, startMs), ianaCalendar.dayOf(zone, epochMs(endMs - 1))];
        return first !== day || last !== day || (days[at + 1]?.startMs ?? endMs) !== endMs;
      });
      expect(askew).toEqual([]);
      expect(days[0]?.startMs).toBe(from);
      expect(days.at(-1)?.endMs).toBeGreaterThanOrEqual(to);
    },
  );
});
