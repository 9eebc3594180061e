import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { AppendBatch } from '@ringfence/ports/log/event-store';
import type { CommandId, StreamId } from '@ringfence/kernel/ids';
import { streamVersion } from '@ringfence/kernel/units';
import { openPool } from '@ringfence/sql-postgres/pool';
import { openScratchDatabase } from '@ringfence/sql-postgres/scratch-database';
import { PostgresEventStore } from './postgres-event-store.js';
import { withStoreFailures } from './store-failures.js';

const stream = 'acc_01ARZ3NDEKTSV4RRFFQ69G5FAV' as StreamId;
const other = 'acc_01ARZ3NDEKTSV4RRFFQ69G5FAW' as StreamId;

/** The first event of the stream, and an outcome under this id. */
function batch(commandId: string): AppendBatch {
  const bytes = Buffer.from('{}');
  const events = [{ type: 'ringfence.call.placed.v1', subject: 'cs_x', bytes }];
  const kept = { stream, commandId: commandId as CommandId, fingerprint: bytes, accepted: true, body: bytes };
  return {
    appends: [{ stream, expectedVersion: streamVersion(0), events, nextDueMs: null }],
    unchanged: [],
    outcomes: [{ ...kept, lastEvent: 0 }],
    fences: [],
  };
}

describe('a key that the log has already', () => {
  let database: Awaited<ReturnType<typeof openScratchDatabase>>;
  let pool: ReturnType<typeof openPool>;
  let store: PostgresEventStore;
  beforeAll(async () => {
    database = await openScratchDatabase();
  });
  beforeEach(async () => {
    pool = openPool(database.url, { connectionsMax: 2 });
    store = await PostgresEventStore.open(pool);
  });
  afterEach(async () => {
    await pool.query('truncate log.event, log.stream, log.outcome');
    await pool.query('update log.head set next = 0');
    await store.close();
    await pool.end();
  });
  afterAll(async () => {
    await database.close();
  });
  const put = (position: number, of: StreamId, version: number) =>
    pool.query(`insert into log.event values ($1, $2, $3, 't', 's', '')`, [position, of, version]);

  it('is an outcome that is kept, where it is the command’s', async () => {
    await pool.query(`insert into log.outcome values ($1, 'pay-1', '', true, '', 0)`, [stream]);
    await expect(store.append(batch('pay-1'))).rejects.toMatchObject({
      code: 'outcome_already_kept',
      retryable: false,
    });
  });

  it.each([
    ['place in the log', () => put(0, other, 1)],
    ['version of its stream', () => put(7, stream, 1)],
  ])('is a conflict, where it is an event’s %s: the log is not whole, and no command is to blame', async (_, taken) => {
    await taken();
    await expect(store.append(batch('pay-1'))).rejects.toMatchObject({
      code: 'event_store_conflict',
      retryable: false,
    });
  });

  it('is a bug, where it is any other', async () => {
    await pool.query(`insert into log.blob values ('a', '')`);
    const again = withStoreFailures(() => pool.query(`insert into log.blob values ('a', '')`));
    await expect(again).rejects.toMatchObject({ name: 'BrokenInvariant', message: 'blob_pkey of the log holds' });
  });
});
