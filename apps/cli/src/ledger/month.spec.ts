import { describe, expect, it } from '@jest/globals';
import { ianaCalendar } from '@ringfence/calendar/iana-calendar';
import type { ZoneSpans } from '@ringfence/domain/limits/account-days';
import { epochMs, localDay } from '@ringfence/kernel/units';
import { boundsOf, monthNamed } from './month.js';

const in_ = (timeZone: string): ZoneSpans => [{ timeZone, fromMs: epochMs(0), firstDay: null }];

function textsOf(month: string, spans: ZoneSpans): readonly string[] {
  const { from, to } = boundsOf(monthNamed(month), spans, ianaCalendar);
  return [from, to].map((atMs) => new Date(atMs).toISOString());
}

describe('a month of an account', () => {
  it.each([
    { zone: 'UTC', month: '2026-11', from: '2026-11-01T00:00:00.000Z', to: '2026-12-01T00:00:00.000Z', because: 'UTC is UTC' },
    { zone: 'Europe/Berlin', month: '2026-03', from: '2026-02-28T23:00:00.000Z', to: '2026-03-31T22:00:00.000Z', because: 'summer time begins within it' },
    { zone: 'America/New_York', month: '2026-12', from: '2026-12-01T05:00:00.000Z', to: '2027-01-01T05:00:00.000Z', because: 'a year ends with it' },
    { zone: 'Pacific/Kiritimati', month: '2026-01', from: '2025-12-31T10:00:00.000Z', to: '2026-01-31T10:00:00.000Z', because: 'it is 14 hours ahead' },
  ])('of $zone, $month, lasts from $from to $to: $because', ({ zone, month, from, to }) => {
    expect(textsOf(month, in_(zone))).toEqual([from, to]);
  }); // prettier-ignore

  it('ends in the zone that takes effect within it', () => {
    const change = {
      timeZone: 'Asia/Tokyo',
      fromMs: epochMs(Date.UTC(2026, 10, 14, 23)),
      firstDay: localDay('2026-11-15'),
    };
    expect(textsOf('2026-11', [...in_('Europe/Berlin'), change])).toEqual([
      '2026-10-31T23:00:00.000Z',
      '2026-11-30T15:00:00.000Z',
    ]);
  });

  it('follows the month before it without a gap', () => {
    for (let month = 1; month < 12; month += 1) {
      const name = (number: number) => `2026-${String(number).padStart(2, '0')}`;
      expect(textsOf(name(month), in_('Europe/Berlin'))[1]).toBe(textsOf(name(month + 1), in_('Europe/Berlin'))[0]);
    }
  });

  it.each(['2026', '2026-13', '2026-1', '1969-12', 'november'])('is not %s', (text) => {
    expect(() => monthNamed(text)).toThrow('2026-11');
  });
});
