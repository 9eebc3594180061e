import type { Calendar } from '@ringfence/domain/shared/calendar';
import type { Clock } from '@ringfence/kernel/clock';
import { type EpochMs, epochMs } from '@ringfence/kernel/units';
import type { SqlTransaction } from '@ringfence/ports/sql/sql-database';
import { instantsAround, offsetIn } from './zone-offsets.js';

/** Compares another program's time zone data with the calendar's. */
export interface ZoneAgreement {
  /**
   * Says whether the database knows the zone under this exact name, with the same offsets as the calendar through this
   * year and the next.
   * @throws Failure `database_unavailable` (retryable)
   */
  agrees(timeZone: string): Promise<boolean>;
}

/**
 * Compares the database's time zones with the calendar's. The platform never asks the database for a day, but users who
 * query the read models in SQL may, and would find other days than those under which calls were counted.
 */
export class DatabaseZones implements ZoneAgreement {
  #names: Promise<ReadonlySet<string>> | undefined;
  /**
   * Results by zone and year. A zone that differs is checked again, because the database may have received newer data.
   */
  readonly #agreed = new Set<string>();

  constructor(
    private readonly db: SqlTransaction,
    private readonly clock: Clock,
    private readonly onDifference: (timeZone: string) => void,
  ) {}

  async agrees(timeZone: string): Promise<boolean> {
    const nowMs = this.clock.now();
    const year = new Date(nowMs).getUTCFullYear();
    const known = `${timeZone} ${String(year)}`;
    if (this.#agreed.has(known)) return true;
    const agreed = (await this.#knows(timeZone)) && (await this.#readsAlike(timeZone, year));
    if (agreed) this.#agreed.add(known);
    else this.onDifference(timeZone);
    return agreed;
  }

  async #knows(timeZone: string): Promise<boolean> {
    // PostgreSQL reads some thousand small files for this, so it is done once.
    this.#names ??= this.db
      .query<{ readonly name: string }>('select name from pg_timezone_names')
      .then((rows) => new Set(rows.map(({ name }) => name)));
    try {
      return (await this.#names).has(timeZone);
    } catch (failure) {
      this.#names = undefined;
      throw failure;
    }
  }

  async #readsAlike(timeZone: string, year: number): Promise<boolean> {
    const instants = instantsAround(timeZone, epochMs(Date.UTC(year, 0)), epochMs(Date.UTC(year + 2, 0)));
    const offsets = await this.#offsets(timeZone, instants);
    return instants.every((atMs, index) => offsets[index] === offsetIn(timeZone, atMs));
  }

  async #offsets(timeZone: string, instants: readonly EpochMs[]): Promise<readonly number[]> {
    const rows = await this.db.query<{ readonly offset_ms: string }>(
      `select (extract(epoch from (to_timestamp(at_ms / 1000) at time zone $1) at time zone 'UTC') * 1000)::int8 - at_ms as offset_ms
       from unnest($2::int8[]) with ordinality as moments (at_ms, place) order by place`,
      [timeZone, instants],
    );
    return rows.map(({ offset_ms }) => Number(offset_ms));
  }
}

/**
 * Says whether the database reads a zone of the calendar differently. Zones that the calendar does not accept are
 * refused for that reason.
 */
export async function isDisputed(
  timeZone: string,
  { calendar, zones }: { readonly calendar: Calendar; readonly zones: ZoneAgreement },
): Promise<boolean> {
  return timeZone !== 'UTC' && calendar.accepts(timeZone) && !(await zones.agrees(timeZone));
}
