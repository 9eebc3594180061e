import { epochMs, type EpochMs, type LocalDay } from '@ringfence/kernel/units';
import type { Calendar } from '../shared/calendar.js';

/** A time zone of an account, from some moment on. */
export type ZoneSpan = {
  readonly timeZone: string;
  readonly fromMs: EpochMs;
  /**
   * The day that begins then, whatever day the zone's own calendar has at that moment; null: the account was opened in
   * this zone.
   */
  readonly firstDay: LocalDay | null;
};
/** The zones of an account, oldest first; past ones may be missing. */
export type ZoneSpans = readonly [ZoneSpan, ...ZoneSpan[]];

/** The calendar of one account, for decisions. */
export type AccountDays = {
  /** The zone in force, and the next one if there is one. */
  readonly spans: ZoneSpans;
  /** First days too short for an allowance of their own, with the days whose allowance they share. */
  readonly shared: readonly { readonly day: LocalDay; readonly with: LocalDay }[];
  /** The latest day that a call was counted for: days never go back, not even with newer zone data. */
  readonly latest: LocalDay | null;
};

/** Result of a change of the zone. */
export type ZoneChange = ZoneSpan & {
  readonly firstDay: LocalDay;
  /** The day whose allowance the first day shares if it is shorter than any ordinary day; null: it has its own. */
  readonly sharesWith: LocalDay | null;
};

const minuteMs = 60_000;
const dayMs = 86_400_000;
/** Longer than any day: a day that leads from the easternmost zone to the westernmost has 50 hours. */
const spanMs = 3 * dayMs;
/** The shortest day at a change to daylight saving time. */
const ordinaryDayMsMin = 23 * 3_600_000;

export function daysOfOpened(timeZone: string, openedAtMs: EpochMs): AccountDays {
  return { spans: [{ timeZone, fromMs: openedAtMs, firstDay: null }], shared: [], latest: null };
}

/** The day of a moment in these zones. */
function dayIn(spans: ZoneSpans, calendar: Calendar, atMs: EpochMs): LocalDay {
  const { timeZone, firstDay } = spanAt(spans, atMs);
  const day = calendar.dayOf(timeZone, atMs);
  return firstDay !== null && day < firstDay ? firstDay : day;
}

/** The day that a decision belongs to. */
export function today({ spans, latest }: AccountDays, calendar: Calendar, nowMs: EpochMs): LocalDay {
  const day = dayIn(spans, calendar, nowMs);
  return latest !== null && day < latest ? latest : day;
}

/** The day whose allowance a day's spend counts against. */
export function allowanceDay({ shared }: Pick<AccountDays, 'shared'>, day: LocalDay): LocalDay {
  return shared.find((each) => each.day === day)?.with ?? day;
}

/** The `allowanceDay` of a day, or the day itself for an account that is not open. */
export function spendDayOf(days: AccountDays | null, day: LocalDay): LocalDay {
  return days === null ? day : allowanceDay(days, day);
}

/** The zone of the account, or its next one if a change is pending. */
export function upcomingZone({ spans }: Pick<AccountDays, 'spans'>): string {
  return (spans.at(-1) ?? spans[0]).timeZone;
}

/**
 * The change to another zone at the end of the local day of `nowMs`, midnight in the old zone. The day that begins then
 * is the next one in the calendar, or the new zone's own day if that is later still (across the date line), and ends at
 * midnight in the new zone.
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

/** @param changedAtMs the moment of the decision: an earlier change that is still pending then never takes effect */
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

/** Number of shared days that are kept, because a live call keeps its day. */
const sharedMax = 2;

export function afterCallOf(days: AccountDays, day: LocalDay): AccountDays {
  return days.latest !== null && days.latest >= day ? days : { ...days, latest: day };
}

type CalendarDay = { readonly day: LocalDay; readonly startMs: EpochMs; readonly endMs: EpochMs };

/**
 * The days between `from` (inclusive) and `to` (exclusive), oldest first, in whole minutes; the first is cut at `from`.
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

/** The first whole minute after `within` that belongs to a later day. */
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
