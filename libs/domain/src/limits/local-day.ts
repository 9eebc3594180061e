import { localDay, type EpochMs, type LocalDay } from '@ringfence/kernel/units';

const formats = new Map<string, Intl.DateTimeFormat>();
const formatsMax = 600; // there are fewer IANA zones

/** The calendar day of that moment in an IANA zone. @throws RangeError on a zone that is not one */
export function localDayOf(timeZone: string, moment: EpochMs): LocalDay {
  return localDay(formatFor(timeZone).format(moment));
}

export function isTimeZone(timeZone: string): boolean {
  try {
    formatFor(timeZone);
    return true;
  } catch {
    return false; // Intl has no other way to ask
  }
}

function formatFor(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  if (formats.size < formatsMax) formats.set(timeZone, format);
  return format;
}
