import { epochMs, localDay, type EpochMs, type LocalDay } from '@ringfence/kernel/units';

const formats = new Map<string, Intl.DateTimeFormat>();
const formatsMax = 600; // there are fewer IANA zones
const minuteMs = 60_000;
/** Two days: longer than any local day is. */
const spanMs = 172_800_000;

/** The calendar day of that moment in an IANA zone. @throws RangeError on a zone that is not one */
export function localDayOf(timeZone: string, moment: EpochMs): LocalDay {
  return localDay(formatFor(timeZone).format(moment));
}

/** Areas of the IANA database; what stands in no area, or in one of somebody else's, is read differently by different programs: `IST`, `US/Pacific-New`. */
const zoneName =
  /^(?:UTC|(?:Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Etc|Europe|Indian|Pacific)\/[A-Za-z0-9_+/-]+)$/;

/** Whether an account may be opened in this zone: a name of an area of the IANA database, as it is written there, or UTC. */
export function isTimeZone(timeZone: string): boolean {
  if (!zoneName.test(timeZone)) return false;
  try {
    formatFor(timeZone);
    return true;
  } catch {
    return false; // Intl has no other way to ask
  }
}

export type CalendarDay = { readonly day: LocalDay; readonly startMs: EpochMs; readonly endMs: EpochMs };

/** The local days that the moments from `from` to the one before `to` fall in, oldest first; whole minutes. @throws RangeError on a zone that is not one */
export function localDaysOf(timeZone: string, from: EpochMs, to: EpochMs): readonly CalendarDay[] {
  const days: CalendarDay[] = [];
  const first = from - (from % minuteMs);
  let startMs = firstOf(timeZone, localDayOf(timeZone, epochMs(first)), Math.max(0, first - spanMs), first);
  while (startMs < to) {
    const day = localDayOf(timeZone, epochMs(startMs));
    const endMs = endOf(timeZone, day, startMs);
    days.push({ day, startMs: epochMs(startMs), endMs: epochMs(endMs) });
    startMs = endMs;
  }
  return days;
}

/** The first minute after `before` that is of this day, given that `within` is. */
function firstOf(timeZone: string, day: LocalDay, before: number, within: number): number {
  let [low, high] = [before / minuteMs, within / minuteMs];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (localDayOf(timeZone, epochMs(middle * minuteMs)) < day) low = middle;
    else high = middle;
  }
  return high * minuteMs;
}

function endOf(timeZone: string, day: LocalDay, startMs: number): number {
  let [low, high] = [startMs / minuteMs, (startMs + spanMs) / minuteMs];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (localDayOf(timeZone, epochMs(middle * minuteMs)) <= day) low = middle;
    else high = middle;
  }
  return high * minuteMs;
}

function formatFor(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  if (formats.size < formatsMax) formats.set(timeZone, format);
  return format;
}
