import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { account, allLanes, batchOf } from '@ringfence/ports/log/sample-batches';
import { openPool } from '@ringfence/sql-postgres/pool';
import { openScratchDatabase } from '@ringfence/sql-postgres/scratch-database';
import { PostgresEventStore } from './postgres-event-store.js';

let database: Awaited<ReturnType<typeof openScratchDatabase>>;
let pool: ReturnType<typeof openPool>;
let store: PostgresEventStore;

beforeAll(async () => {
  database = await openScratchDatabase();
  pool = openPool(database.url, { connectionsMax: 3 });
  store = await PostgresEventStore.open(pool);
}, 60_000);
afterAll(async () => {
  await store.close();
  await pool.end();
  await database.close();
});

describe('a row of the log', () => {
  it('is not compressed below 4 KB: a placed call is appended and read as it is', async () => {
    const fences = await store.takeLanes(allLanes, 'writer');
    const texts = [1_000, 2_100, 3_500].map((length) => 'a'.repeat(length));
    await store.append(batchOf(fences, [{ stream: account(1), after: 0, texts }]));
    const sql = 'select pg_column_compression(bytes) as compression from log.event order by position';
    const { rows } = await pool.query<{ readonly compression: string | null }>(sql);
    expect(rows.map(({ compression }) => compression)).toEqual([null, null, null]);
  });
});

describe('an append', () => {
  it('of known streams writes each row once to the WAL, and no locks', async () => {
    const { rows: extensions } = await pool.query(`select from pg_available_extensions where name = 'pg_walinspect'`);
    if (extensions.length === 0) return; // a server that does not show its WAL
    await pool.query('create extension if not exists pg_walinspect');
    const fences = await store.takeLanes(allLanes, 'writer');
    const append = (after: number) =>
      store.append(batchOf(fences, [{ stream: account(2), after, texts: ['one', 'two'] }]));
    const end = async () => {
      await pool.query('checkpoint'); // only what is on the disk is shown
      return (await pool.query<{ readonly lsn: string }>('select pg_current_wal_lsn() as lsn')).rows[0]?.lsn;
    };
    await append(0);
    const from = await end();
    await append(2);
    const { rows } = await pool.query<{ readonly of: string; readonly records: number }>(
      `select resource_manager || ' ' || record_type as of, count(*)::integer as records
       from pg_get_wal_records_info($1, $2) join pg_class on relname in ('event', 'head', 'stream')
         and block_ref ~ ('/' || pg_relation_filenode(pg_class.oid) || ' ')
       where resource_manager = 'Heap' group by 1 order by 1`,
      [from, await end()],
    );
    expect(rows).toEqual([
      { of: 'Heap HOT_UPDATE', records: 2 },
      { of: 'Heap INSERT', records: 2 },
    ]);
  });
});
