import type { Calendar } from '@ringfence/domain/shared/calendar';
import { type EpochMs, localDay, type LocalDay } from '@ringfence/kernel/units';

/** The most formats that are kept, more than there are zones; others are created each time. */
const formatsMax = 600;

const minuteMs = 60_000;
/** Since then every offset is a whole number of minutes, and clocks change at one: Liberia was the last, in 1972. */
const wholeMinutesFromMs = Date.UTC(1973, 0);

/**
 * Areas of the IANA database. Different programs read a name without an area, or in a private one, differently: `IST`,
 * `US/Pacific-New`.
 */
const zoneName =
  /^(?:UTC|(?:Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Etc|Europe|Indian|Pacific)\/[A-Za-z0-9_+/-]+)$/;

/** The calendar by the time zone data of Node.js. */
class IanaCalendar implements Calendar {
  readonly version = process.versions['tz'] ?? 'unknown';
  /** null: the data does not know the zone. */
  readonly #formats = new Map<string, Intl.DateTimeFormat | null>();

  /** The day of the last minute that was asked for, of each zone that is known. */
  readonly #days = new Map<string, { readonly minute: number; readonly day: LocalDay }>();

  /** Formatting takes longer than most of a decision, so a day is kept for its minute: none begins within one. */
  dayOf(timeZone: string, moment: EpochMs): LocalDay {
    const minute = Math.floor(moment / minuteMs);
    const latest = this.#days.get(timeZone);
    if (latest?.minute === minute) return latest.day;
    const day = localDay((this.#format(timeZone) ?? inUtc).format(moment));
    if (moment >= wholeMinutesFromMs && this.#formats.has(timeZone)) this.#days.set(timeZone, { minute, day });
    return day;
  }

  accepts(timeZone: string): boolean {
    return zoneName.test(timeZone) && this.#format(timeZone) !== null;
  }

  #format(timeZone: string): Intl.DateTimeFormat | null {
    const known = this.#formats.get(timeZone);
    if (known !== undefined) return known;
    const format = formatFor(timeZone);
    if (this.#formats.size < formatsMax) this.#formats.set(timeZone, format);
    return format;
  }
}

function formatFor(timeZone: string): Intl.DateTimeFormat | null {
  try {
    return new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  } catch {
    return null; // Intl has no other way to test this
  }
}

const inUtc = new Intl.DateTimeFormat('en-CA', { timeZone: 'UTC', year: 'numeric', month: '2-digit', day: '2-digit' });

export const ianaCalendar: Calendar = new IanaCalendar();
