import { epochMs, type EpochMs, type LocalDay } from '@ringfence/kernel/units';
import type { Calendar } from '../shared/calendar.js';

/** A zone that an account has its days in, from some moment on. */
export type ZoneSpan = {
  readonly timeZone: string;
  readonly fromMs: EpochMs;
  /**
   * The day that begins then, whatever the zone's own calendar says of that moment; null: the account was opened in
   * this zone.
   */
  readonly firstDay: LocalDay | null;
};
/** The spans of an account, oldest first; those that are over may be missing. */
export type ZoneSpans = readonly [ZoneSpan, ...ZoneSpan[]];

/** The calendar of one account, as decisions read it. */
export type AccountDays = {
  /** The zone in force, and the next one if there is one. */
  readonly spans: ZoneSpans;
  /** First days that were too short for an allowance of their own, and the days whose allowance they share. */
  readonly shared: readonly { readonly day: LocalDay; readonly with: LocalDay }[];
  /** The latest day that a call was counted for: days never go back, not even when newer zone data says so. */
  readonly latest: LocalDay | null;
};

/** Result of a change of the zone. */
export type ZoneChange = ZoneSpan & {
  readonly firstDay: LocalDay;
  /** The day whose allowance the first day shares, for it is shorter than any ordinary day; null: it has its own. */
  readonly sharesWith: LocalDay | null;
};

const minuteMs = 60_000;
const dayMs = 86_400_000;
/** Longer than any day: one that leads from the easternmost zone to the westernmost has 50 hours. */
const spanMs = 3 * dayMs;
/** The shortest day that summer time makes. */
const ordinaryDayMsMin = 23 * 3_600_000;

export function daysOfOpened(timeZone: string, openedAtMs: EpochMs): AccountDays {
  return { spans: [{ timeZone, fromMs: openedAtMs, firstDay: null }], shared: [], latest: null };
}

/** The day of a moment by these spans. */
function dayIn(spans: ZoneSpans, calendar: Calendar, atMs: EpochMs): LocalDay {
  const { timeZone, firstDay } = spanAt(spans, atMs);
  const day = calendar.dayOf(timeZone, atMs);
  return firstDay !== null && day < firstDay ? firstDay : day;
}

/** The day that a decision counts for. */
export function today({ spans, latest }: AccountDays, calendar: Calendar, nowMs: EpochMs): LocalDay {
  const day = dayIn(spans, calendar, nowMs);
  return latest !== null && day < latest ? latest : day;
}

/** The day whose allowance a day's spend counts against. */
export function allowanceDay({ shared }: Pick<AccountDays, 'shared'>, day: LocalDay): LocalDay {
  return shared.find((each) => each.day === day)?.with ?? day;
}

/** `allowanceDay`, or the day itself for an account that was not opened. */
export function spendDayOf(days: AccountDays | null, day: LocalDay): LocalDay {
  return days === null ? day : allowanceDay(days, day);
}

/** The zone that the account has, or will have once a change that is under way has come into force. */
export function upcomingZone({ spans }: Pick<AccountDays, 'spans'>): string {
  return (spans.at(-1) ?? spans[0]).timeZone;
}

/**
 * The change to another zone, from the end of the local day that `nowMs` falls in. That midnight is the old zone's; the
 * day that begins there follows in the calendar, or is the new zone's own where that is later still (the date line was
 * crossed), and it ends with the new zone's midnight.
 */
export function changeOfZone(days: AccountDays, calendar: Calendar, timeZone: string, nowMs: EpochMs): ZoneChange {
  const inForce: ZoneSpans = [spanAt(days.spans, nowMs)];
  const day = today(days, calendar, nowMs);
  const fromMs = endOfDay(inForce, calendar, day, nowMs);
  const following = dayIn(inForce, calendar, fromMs);
  const theirs = calendar.dayOf(timeZone, fromMs);
  const firstDay = theirs > following ? theirs : following;
  const span: ZoneSpan = { timeZone, fromMs, firstDay };
  const lengthMs = endOfDay([span], calendar, firstDay, fromMs) - fromMs;
  return { ...span, firstDay, sharesWith: lengthMs < ordinaryDayMsMin ? allowanceDay(days, day) : null };
}

/** @param changedAtMs when it was decided: a change that had not come into force by then never does */
export function afterZoneChange(days: AccountDays, change: ZoneChange, changedAtMs: EpochMs): AccountDays {
  const { timeZone, fromMs, firstDay, sharesWith } = change;
  const inForce = spanAt(days.spans, changedAtMs);
  const over = days.shared.filter(({ day }) => day < firstDay).slice(-sharedMax);
  return {
    ...days,
    spans: [inForce, { timeZone, fromMs, firstDay }],
    shared: sharesWith === null ? over : [...over, { day: firstDay, with: sharesWith }],
  };
}

/** Number of earlier days that are still counted: a call keeps the day that it counts for. */
const sharedMax = 2;

export function afterCallOf(days: AccountDays, day: LocalDay): AccountDays {
  return days.latest !== null && days.latest >= day ? days : { ...days, latest: day };
}

type CalendarDay = { readonly day: LocalDay; readonly startMs: EpochMs; readonly endMs: EpochMs };

/**
 * The days that the moments from `from` to the one before `to` fall in, oldest first; the first from `from` on alone;
 * whole minutes.
 */
export function daysBetween(spans: ZoneSpans, calendar: Calendar, from: EpochMs, to: EpochMs): readonly CalendarDay[] {
  const days: CalendarDay[] = [];
  let startMs = epochMs(from - (from % minuteMs));
  while (startMs < to) {
    const day = dayIn(spans, calendar, startMs);
    const endMs = endOfDay(spans, calendar, day, startMs);
    days.push({ day, startMs, endMs });
    startMs = endMs;
  }
  return days;
}

/** The first whole minute after `within` that is of a later day. */
function endOfDay(spans: ZoneSpans, calendar: Calendar, day: LocalDay, within: EpochMs): EpochMs {
  let [low, high] = [Math.floor(within / minuteMs), Math.ceil((within + spanMs) / minuteMs)];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (dayIn(spans, calendar, epochMs(middle * minuteMs)) <= day) low = middle;
    else high = middle;
  }
  return epochMs(high * minuteMs);
}

function spanAt(spans: ZoneSpans, atMs: EpochMs): ZoneSpan {
  return spans.findLast(({ fromMs }) => fromMs <= atMs) ?? spans[0];
}
