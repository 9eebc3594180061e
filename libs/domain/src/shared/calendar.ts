import type { EpochMs, LocalDay } from '@ringfence/kernel/units';

/**
 * The only source of calendar days: code that needs a zone's day takes it from here or from an event, never from a
 * database or another library. A pure look-up.
 */
export interface Calendar {
  /** Version of the IANA data, as recorded in events: a label such as `2026c`. */
  readonly version: string;
  /**
   * The calendar day of a moment in a zone; in UTC if the data lacks the zone, which only accounts older than the check
   * of zone names can have.
   */
  dayOf(timeZone: string, moment: EpochMs): LocalDay;
  /** Says whether an account may use this zone. */
  accepts(timeZone: string): boolean;
}

/** A calendar day as recorded in events. */
export type RecordedDay = {
  readonly localDay: LocalDay;
  /** Version of the zone data that the day was computed from; null: the event is older than this field. */
  readonly zoneData: string | null;
};
