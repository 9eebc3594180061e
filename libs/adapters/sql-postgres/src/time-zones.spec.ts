import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DatabaseZones } from '@ringfence/calendar/database-zones';
import { ianaCalendar } from '@ringfence/calendar/iana-calendar';
import { instantsAround, offsetIn } from '@ringfence/calendar/zone-offsets';
import { type EpochMs, epochMs } from '@ringfence/kernel/units';
import type pg from 'pg';
import { openPool } from './pool.js';
import { PostgresSqlDatabase } from './postgres-sql-database.js';
import { openScratchDatabase, type ScratchDatabase } from './scratch-database.js';

/** The machine's clock: this year and the next have to be read alike. */
const clock = { now: () => epochMs(Date.now()) };
const year = new Date(clock.now()).getUTCFullYear();
const [fromMs, toMs] = [epochMs(Date.UTC(year, 0)), epochMs(Date.UTC(year + 2, 0))];

let server: ScratchDatabase;
let pool: pg.Pool;
let db: PostgresSqlDatabase;
let differing: string[];
let zones: DatabaseZones;
/** Every name that the calendar accepts and the database or Node lists. */
let names: readonly string[];
beforeAll(async () => {
  server = await openScratchDatabase();
  pool = openPool(server.url);
  db = new PostgresSqlDatabase(pool);
  differing = [];
  zones = new DatabaseZones(db, clock, (timeZone) => differing.push(timeZone));
  const listed = await db.query<{ name: string }>('select name from pg_timezone_names');
  const all = new Set([...listed.map(({ name }) => name), ...Intl.supportedValuesOf('timeZone')]);
  names = [...all].filter((name) => ianaCalendar.accepts(name)).sort();
});
afterAll(async () => {
  await pool.end();
  await server.close();
});

/** The day and time of day that the database reads in a zone. */
async function readByDatabase(zone: string, instants: readonly EpochMs[]): Promise<readonly string[]> {
  const rows = await db.query<{ local: string }>(
    `select to_char(to_timestamp(at_ms / 1000) at time zone $1, 'YYYY-MM-DD HH24:MI:SS') as local
     from unnest($2::int8[]) with ordinality as moments (at_ms, place) order by place`,
    [zone, instants],
  );
  return rows.map(({ local }) => local);
}

/** Reads the same by Node, by another way than its offset. */
function readByNode(zone: string, instants: readonly EpochMs[]): readonly string[] {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' });
  return instants.map((atMs) => format.format(atMs));
}

/** Each change of the offset that Node knows of. */
function changesOf(zone: string): readonly EpochMs[] {
  return instantsAround(zone, fromMs, toMs).filter(
    (atMs) => offsetIn(zone, epochMs(atMs - 1_000)) !== offsetIn(zone, atMs),
  );
}

describe('time zones that accounts may have', () => {
  it('are read alike by Node and the database around each change of their offset, each month, and at each of those midnights', async () => {
    expect(names.length).toBeGreaterThan(400);
    let changes = 0;
    const agreed: string[] = [];
    for (const zone of names) if (await zones.agrees(zone)) agreed.push(zone);
    for (const zone of agreed) {
      const around = changesOf(zone).flatMap((atMs) => {
        changes += 1;
        return [-86_400_000, -3_600_000, -1_000, 0, 3_599_000, 3_600_000, 86_400_000].map((by) => epochMs(atMs + by));
      });
      const months = Array.from({ length: 24 }, (_, month) => epochMs(Date.UTC(year, month)));
      const midnights = months.map((atMs) => epochMs(atMs - offsetIn(zone, atMs)));
      const instants = [...around, ...months, ...midnights, ...midnights.map((atMs) => epochMs(atMs - 1_000))];
      expect([zone, await readByDatabase(zone, instants)]).toEqual([zone, readByNode(zone, instants)]);
    }
    // Both changes of two years in all places that have summer time.
    expect(changes).toBeGreaterThan(400);
    expect(agreed).toEqual(expect.arrayContaining(['UTC', 'Europe/Berlin', 'Asia/Kolkata', 'Australia/Lord_Howe']));
  }, 300_000);

  it('are all that the two read alike: what is refused is really read in two ways', async () => {
    const refused = [...new Set(differing)];
    for (const zone of refused) {
      const known = await db.query('select 1 from pg_timezone_names where name = $1', [zone]);
      if (known.length === 0) continue;
      const hours = Array.from({ length: (toMs - fromMs) / 3_600_000 }, (_, at) => epochMs(fromMs + at * 3_600_000));
      expect([zone, await readByDatabase(zone, hours)]).not.toEqual([zone, readByNode(zone, hours)]);
    }
    // Zone data of different years differ in a few places.
    expect(refused.length).toBeLessThan(20);
  }, 300_000);

  it('are known to the database under this very name', async () => {
    for (const name of ['europe/berlin', 'Europe/Nowhere', 'IST', 'US/Pacific-New'])
      expect([name, await zones.agrees(name)]).toEqual([name, false]);
  });

  it('are asked for once while they agree, and again where they did not', async () => {
    const asked: unknown[] = [];
    const listening = new DatabaseZones(
      {
        query: (sql, params) => {
          asked.push(params?.[0] ?? 'names');
          return db.query(sql, params);
        },
      },
      clock,
      () => undefined,
    );
    for (const name of ['Europe/Berlin', 'Europe/Berlin', 'europe/berlin', 'europe/berlin'])
      await listening.agrees(name);
    expect(asked).toEqual(['names', 'Europe/Berlin']);
  });
});
