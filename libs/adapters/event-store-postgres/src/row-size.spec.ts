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
