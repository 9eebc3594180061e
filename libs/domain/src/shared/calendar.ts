import type { EpochMs, LocalDay } from '@ringfence/kernel/units';

/**
 * The one source of calendar days: code that needs a zone's day asks it or reads an event, never a database or another
 * library. A pure look-up.
 */
export interface Calendar {
  /** Version of the IANA data, as events record it: a label such as `2026c`. */
  readonly version: string;
  /**
   * The calendar day of a moment in a zone; in UTC if the data lacks the zone, for accounts older than the check of
   * zone names.
   */
  dayOf(timeZone: string, moment: EpochMs): LocalDay;
  /** Says whether an account may have its days in this zone. */
  accepts(timeZone: string): boolean;
}

/** A calendar day as events record it. */
export type RecordedDay = {
  readonly localDay: LocalDay;
  /** Version of the zone data that it was read by; null: the event is older than this field. */
  readonly zoneData: string | null;
};
