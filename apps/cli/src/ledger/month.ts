import { daysBetween, type ZoneSpans } from '@ringfence/domain/limits/account-days';
import type { Calendar } from '@ringfence/domain/shared/calendar';
import { type EpochMs, epochMs, type Unit } from '@ringfence/kernel/units';
import { InvalidArgumentError } from 'commander';

/** A calendar month, `YYYY-MM`. */
export type Month = Unit<string, 'Month'>;

/** @throws InvalidArgumentError if the text is not a month since 1971 */
export function monthNamed(text: string): Month {
  if (!isMonth(text)) throw new InvalidArgumentError('It is a month such as 2026-11.');
  return text;
}

function isMonth(text: string): text is Month {
  return /^(?!19[0-6]|1970)(?:19|20|21)\d\d-(?:0[1-9]|1[0-2])$/.test(text);
}

/** The first moment of a month, and the first one after it. */
export type Bounds = { readonly from: EpochMs; readonly to: EpochMs };

/** The bounds of a month in an account's time zones. */
export function boundsOf(month: Month, spans: ZoneSpans, calendar: Calendar): Bounds {
  return { from: beginOf(month, spans, calendar), to: beginOf(monthAfter(month), spans, calendar) };
}

const dayMs = 86_400_000;
/** The margin searched around UTC's first of the month: no zone is further from UTC than a day. */
const marginMs = 2 * dayMs;

function beginOf(month: Month, spans: ZoneSpans, calendar: Calendar): EpochMs {
  const about = Date.parse(`${month}-01T00:00:00Z`);
  const days = daysBetween(spans, calendar, epochMs(about - marginMs), epochMs(about + marginMs));
  // Crossing the date line may skip the first day of a month.
  const first = days.find(({ day }) => day >= `${month}-01`);
  if (first === undefined) throw new RangeError(`no day of ${month} lies near its first one in UTC`);
  return first.startMs;
}

function monthAfter(month: Month): Month {
  const [year = 0, number = 0] = month.split('-').map(Number);
  const next = number === 12 ? [year + 1, 1] : [year, number + 1];
  return monthNamed(`${String(next[0])}-${String(next[1]).padStart(2, '0')}`);
}
