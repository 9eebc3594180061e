import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { CommandId, StreamId } from '@ringfence/kernel/ids';
import { position } from '@ringfence/kernel/units';
import { eventStoreContract } from '@ringfence/ports/log/event-store.contract';
import type { AppendBatch, KeptOutcome, RecordedOutcome } from '@ringfence/ports/log/event-store';
import { openPool } from '@ringfence/sql-postgres/pool';
import { openScratchDatabase } from '@ringfence/sql-postgres/scratch-database';
import { PostgresEventStore } from './postgres-event-store.js';

const emptySql = `truncate log.event, log.page, log.stream, log.lane, log.outcome, log.packed_outcome,
    log.snapshot_head, log.snapshot_piece, log.blob;
  update log.head set next = 0`;
/** A page before all positions: the log has segments. */
const pageSql = `insert into log.page (number, types, bytes) values (-1, '{}', '')`;

eventStoreContract('PostgreSQL, with packed outcomes', async () => {
  const database = await openScratchDatabase();
  const outside = openPool(database.url, { connectionsMax: 1 });
  await (await PostgresEventStore.open(outside)).close();
  await outside.query(pageSql);
  const pools: ReturnType<typeof openPool>[] = [];
  const endPools = async () => {
    for (const pool of pools.splice(0)) await pool.end();
  };
  return {
    open: async () => {
      const pool = openPool(database.url, { connectionsMax: 3, applicationName: 'store' });
      pools.push(pool);
      return PostgresEventStore.open(pool);
    },
    clear: async () => {
      await endPools();
      await outside.query(`${emptySql}; ${pageSql}`);
    },
    breakConnections: async () => {
      await outside.query(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'store'`);
    },
    close: async () => {
      await endPools();
      await outside.end();
      await database.close();
    },
  };
});

const stream = 'acc_01ARZ3NDEKTSV4RRFFQ69G5FAV' as StreamId;
const other = 'acc_01ARZ3NDEKTSV4RRFFQ69G5FAW' as StreamId;
const generated = 'cmd_01ARZ3NDEKTSV4RRFFQ69G5FAV' as CommandId;
const zeros = Buffer.alloc(32);

function keptUnder(commandId: string, more: Partial<KeptOutcome> = {}): KeptOutcome {
  const [fingerprint, body] = [Buffer.alloc(32, 7), Buffer.from('{"call_id":"cs_1"}')];
  return { stream, commandId: commandId as CommandId, fingerprint, accepted: true, body, ...more };
}

function batchOf(...outcomes: readonly KeptOutcome[]): AppendBatch {
  return { appends: [], unchanged: [], outcomes: outcomes.map((kept) => ({ ...kept, lastEvent: -1 })), fences: [] };
}

describe('an outcome', () => {
  let database: Awaited<ReturnType<typeof openScratchDatabase>>;
  let pool: ReturnType<typeof openPool>;
  let store: PostgresEventStore;
  beforeAll(async () => {
    database = await openScratchDatabase();
    pool = openPool(database.url, { connectionsMax: 2 });
    store = await PostgresEventStore.open(pool);
  });
  beforeEach(() => pool.query(emptySql));
  afterAll(async () => {
    await store.close();
    await pool.end();
    await database.close();
  });
  const rows = async () => {
    const sql = `select (select count(*)::integer from log.outcome) as plain,
      (select count(*)::integer from log.packed_outcome) as packed`;
    return (await pool.query<{ plain: number; packed: number }>(sql)).rows[0];
  };

  it('is packed once the log has pages, and comes back as it was, like those from before', async () => {
    const before = [keptUnder(generated), keptUnder('pay-1')];
    await store.append(batchOf(...before));
    expect(await rows()).toEqual({ plain: 2, packed: 0 });
    await pool.query(pageSql);
    const after = [
      keptUnder(generated, { stream: other }),
      keptUnder('pay-2', { accepted: false }),
      keptUnder('cmd_01ARZ3NDEKTSV4RRFFQ69G5FAX', { fingerprint: zeros, body: Buffer.from('{}') }),
      keptUnder('pay-3', { fingerprint: Buffer.alloc(0) }),
    ];
    await store.append(batchOf(...after));
    expect(await rows()).toEqual({ plain: 2, packed: 4 });
    const found = await store.findOutcomes([...before, ...after, keptUnder('pay-4')]);
    const all = [...before, ...after].map((kept) => ({ ...kept, position: position(0) }));
    expect(found.map(textOf).sort()).toEqual(all.map(textOf).sort());
  });

  it('is kept once, in whichever form it was written first', async () => {
    await store.append(batchOf(keptUnder('pay-1')));
    await pool.query(pageSql);
    await store.append(batchOf(keptUnder('pay-2'), keptUnder(generated)));
    const kept = { code: 'outcome_already_kept', retryable: false };
    for (const again of ['pay-1', 'pay-2', generated])
      await expect(store.append(batchOf(keptUnder('pay-3'), keptUnder(again)))).rejects.toMatchObject(kept);
    expect(await store.findOutcomes([keptUnder('pay-3')])).toEqual([]);
  });
});

function textOf({ stream: of, commandId, fingerprint, accepted, body, position: at }: RecordedOutcome): string {
  const bytes = [fingerprint, body].map((each) => Buffer.from(each).toString('hex'));
  return [of, commandId, ...bytes, accepted, at].join(' ');
}
