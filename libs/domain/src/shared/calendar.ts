import type { EpochMs, LocalDay } from '@ringfence/kernel/units';

/** The one calendar: whoever needs a day of some zone reads it here or in an event, never in a database or a library of his own. Pure look-up. */
export interface Calendar {
  /** Version of the IANA data that it reads, as events record it: a label such as `2026c`. */
  readonly version: string;
  /** The calendar day of that moment in a zone; in UTC where the data does not know the zone, as of accounts of a time when any name was taken. */
  dayOf(timeZone: string, moment: EpochMs): LocalDay;
  /** Whether an account may have its days in this zone. */
  accepts(timeZone: string): boolean;
}

/** A day as an event holds it. */
export type RecordedDay = {
  readonly localDay: LocalDay;
  /** Version of the zone data by which it was read; null: it was read before events told of it. */
  readonly zoneData: string | null;
};
