import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PostgresLogSegments } from '@ringfence/event-store-postgres/log-segments';
import { PostgresEventStore } from '@ringfence/event-store-postgres/postgres-event-store';
import { pagePositions } from '@ringfence/ports/log/log-segments';
import { account, allLanes, batchOf } from '@ringfence/ports/log/sample-batches';
import { openPool } from '@ringfence/sql-postgres/pool';
import { openScratchDatabase, type ScratchDatabase } from '@ringfence/sql-postgres/scratch-database';
import { bytesOf, databaseSize } from './database-size.js';

describe('the size of the database', () => {
  let database: ScratchDatabase;
  let pool: ReturnType<typeof openPool>;

  beforeAll(async () => {
    database = await openScratchDatabase();
    pool = openPool(database.url, { connectionsMax: 2 });
    const store = await PostgresEventStore.open(pool);
    const fences = await store.takeLanes(allLanes, 'writer');
    const texts = Array.from({ length: pagePositions + 10 }, (_, at) => `${String(at)} ${'-'.repeat(2_000)}`);
    await store.append(batchOf(fences, [{ stream: account(1), after: 0, texts }]));
    await store.close();
  });
  afterAll(async () => {
    await pool.end();
    await database.close();
  });

  it('is that of all relations, by table, and says how much of the log is in segments', async () => {
    expect(await databaseSize(pool)).toMatchObject({ events: pagePositions + 10, eventsInSegments: 0, calls: 0 });
    await new PostgresLogSegments(pool).moveCold({ hotEvents: 0, pages: 1 });
    const { tables, bytes, eventsInSegments } = await databaseSize(pool);
    expect(eventsInSegments).toBe(pagePositions);
    expect(tables.map(({ table }) => table)).toEqual(expect.arrayContaining(['log.event', 'log.page', 'log.outcome']));
    const { rows } = await pool.query<{ bytes: string }>(
      `select sum(pg_total_relation_size(relid)) as bytes from pg_stat_user_tables`,
    );
    expect(bytes).toBe(Number(rows[0]?.bytes));
    expect(tables.map(bytesOf)).toEqual(tables.map(bytesOf).sort((left, right) => right - left));
  });

  it('has as many calls as their read model', async () => {
    await pool.query('create schema calls');
    await pool.query('create table calls.call (call_id text primary key)');
    await pool.query(`insert into calls.call values ('cs_1'), ('cs_2')`);
    expect(await databaseSize(pool)).toMatchObject({ calls: 2 });
  });
});
