import { describe, expect, it } from '@jest/globals';
import { position } from '@ringfence/kernel/units';
import { concurrentAppendsContract } from '@ringfence/ports/log/concurrent-appends.contract';
import { eventStoreContract } from '@ringfence/ports/log/event-store.contract';
import type { LogUnderTest } from '@ringfence/ports/log/stores-under-test.contract';
import { account, allLanes, batchOf } from '@ringfence/ports/log/sample-batches';
import { openPool } from '@ringfence/sql-postgres/pool';
import { openScratchDatabase } from '@ringfence/sql-postgres/scratch-database';
import { PostgresEventStore } from './postgres-event-store.js';

eventStoreContract('PostgreSQL', openLog);
concurrentAppendsContract('PostgreSQL', openLog);

describe('appends that share a transaction', () => {
  it('all fail with an unknown outcome when its connection breaks, and are written when they are repeated', async () => {
    const database = await openScratchDatabase();
    const pool = openPool(database.url, { connectionsMax: 3, applicationName: 'store' });
    const outside = openPool(database.url, { connectionsMax: 2 });
    const store = await PostgresEventStore.open(pool);
    const fences = await store.takeLanes(allLanes, 'test');
    const appendAll = () =>
      Promise.allSettled(
        Array.from({ length: 20 }, (_, index) =>
          store.append(batchOf(fences, [{ stream: account(index), after: 0, texts: [String(index)] }])),
        ),
      );
    const holder = await outside.connect();
    await holder.query('begin; select from log.head for update');
    const appending = appendAll();
    while ((await outside.query(waitingSql)).rows.length === 0) await store.clock();
    expect((await outside.query(waitingSql)).rows).toHaveLength(1);
    await outside.query(breakSql);
    for (const settled of await appending)
      expect(settled).toMatchObject({
        status: 'rejected',
        reason: { code: 'event_store_unavailable', retryable: true },
      });
    await holder.query('rollback');
    expect(await store.readAll(position(0), 100)).toEqual([]);
    expect((await appendAll()).map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 'fulfilled'));
    expect(await store.head()).toBe(20);
    holder.release();
    await store.close();
    for (const each of [pool, outside]) await each.end();
    await database.close();
  });
});

/** Appends that wait for the head of the log. */
const waitingSql = `select pid from pg_stat_activity
  where application_name = 'store' and wait_event_type = 'Lock' and query like '%log.append%'`;
const breakWithinMs = 30_000;
const breakSql = `select pg_terminate_backend(pid, ${breakWithinMs}) from pg_stat_activity where application_name = 'store'`;

async function openLog(): Promise<LogUnderTest> {
  const database = await openScratchDatabase();
  const outside = openPool(database.url, { connectionsMax: 1 });
  await (await PostgresEventStore.open(outside)).close();
  const pools: ReturnType<typeof openPool>[] = [];
  return {
    open: async () => {
      const pool = openPool(database.url, { connectionsMax: 3, applicationName: 'store' });
      pools.push(pool);
      return PostgresEventStore.open(pool);
    },
    clear: async () => {
      for (const pool of pools.splice(0)) await pool.end();
      await outside.query(
        'truncate log.event, log.stream, log.lane, log.outcome, log.snapshot_head, log.snapshot_piece, log.blob',
      );
      await outside.query('update log.head set next = 0');
    },
    breakConnections: async () => {
      await outside.query(breakSql);
    },
    close: async () => {
      for (const pool of pools.splice(0)) await pool.end();
      await outside.end();
      await database.close();
    },
  };
}
