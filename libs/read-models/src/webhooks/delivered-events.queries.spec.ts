import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { AccountId, CallId, EventId } from '@ringfence/kernel/ids';
import { epochMs, position } from '@ringfence/kernel/units';
import type { DeliveryLease, QueuedDelivery } from '@ringfence/ports/deliveries/delivery-queue';
import { PostgresDeliveryQueue } from '@ringfence/reactor-checkpoints-postgres/postgres-delivery-queue';
import { openPool } from '@ringfence/sql-postgres/pool';
import { PostgresSqlDatabase } from '@ringfence/sql-postgres/postgres-sql-database';
import { openScratchDatabase, type ScratchDatabase } from '@ringfence/sql-postgres/scratch-database';
import { sealedExample } from '@ringfence/testing/examples';
import { PredictableIds } from '@ringfence/testing/predictable-ids';
import type { Pool } from 'pg';
import { DeliveredEventQueries, type DeliveredEventFilter } from './delivered-events.queries.js';

const ids = new PredictableIds();
const [account, stranger] = [ids.accountId(), ids.accountId()];
const all: Omit<DeliveredEventFilter, 'accountId'> = {
  mode: null,
  callId: null,
  eventName: null,
  occurredAfter: null,
  state: null,
};

let database: ScratchDatabase;
let pool: Pool;
let lease: DeliveryLease;
let queries: DeliveredEventQueries;
let queued: QueuedDelivery[];

beforeAll(async () => {
  database = await openScratchDatabase();
  pool = openPool(database.url);
});
afterAll(async () => {
  await pool.end();
  await database.close();
});
beforeEach(async () => {
  await pool.query('drop schema if exists webhook cascade; drop schema if exists reactor cascade');
  lease = await (await PostgresDeliveryQueue.open(pool)).take('spec', epochMs(0));
  queries = new DeliveredEventQueries(new PostgresSqlDatabase(pool));
  const [one, two] = [ids.callId(), ids.callId()];
  queued = [
    delivery(1, one, 'call.initiated'),
    delivery(2, one, 'call.ringing'),
    delivery(3, two, 'call.initiated', 'live'),
    delivery(4, ids.callId(), 'call.initiated', 'test', stranger),
    delivery(5, one, 'call.failed'),
  ];
  const nothing = { followed: [], ended: [], secrets: [], deletedSecrets: [], apps: [], deletedApps: [] };
  await lease.apply({ ...nothing, deliveries: queued }, position(6));
});

function delivery(
  at: number,
  callId: CallId,
  eventName: string,
  mode: 'live' | 'test' = 'test',
  accountId: AccountId = account,
): QueuedDelivery {
  const endpoint = { endpoint: 'status_callback', receiver: 'r', apiVersion: '2026-06-01', appId: null } as const;
  const url = sealedExample('https://example.com');
  const moments = { occurredAtMs: epochMs(at * 1_000), queuedAtMs: epochMs(at * 1_000 + 1) };
  const event = { position: position(at), eventId: ids.eventId(), eventName, sequence: 0 };
  return { ...event, ...endpoint, ...moments, callId, accountId, mode, url };
}

const found = async (filter: Partial<DeliveredEventFilter>) => {
  const page = await queries.list({ accountId: account, ...all, ...filter }, { limit: 10 });
  return page.rows.map((row) => Number(row.position));
};
async function settle(at: number, state: 'delivered' | 'failed_permanent' | 'pending', round = 0): Promise<void> {
  const one = queued.find((each) => each.position === position(at));
  if (one === undefined) throw new Error('not queued');
  const { endpoint, callId } = one;
  const result = { position: position(at), endpoint, callId, round, state, dueAtMs: epochMs(9_000), isAttempt: true };
  await lease.settle([{ ...result, attemptedAtMs: epochMs(8_000), status: 503, error: null, latencyMs: 4.4 }]);
}
const dueAt = async (nowMs: number) => {
  const asked = { nowMs: epochMs(nowMs), busy: [], underWay: [], perReceiverMax: 16, limit: 10 };
  return (await lease.due(asked)).map((each) => Number(each.position));
};

describe('the events in the queue', () => {
  it('are found by account, mode, call, type, moment and state, newest first', async () => {
    expect(await found({})).toEqual([5, 3, 2, 1]);
    expect(await found({ mode: 'live' })).toEqual([3]);
    expect(await found({ accountId: stranger })).toEqual([4]);
    expect(await found({ callId: queued[0]?.callId ?? null })).toEqual([5, 2, 1]);
    expect(await found({ eventName: 'call.initiated' })).toEqual([3, 1]);
    expect(await found({ occurredAfter: epochMs(2_000) })).toEqual([5, 3]);
    await settle(1, 'delivered');
    expect(await found({ state: 'delivered' })).toEqual([1]);
    expect(await found({ state: 'pending' })).toEqual([5, 3, 2]);
  });

  it('page by cursors, forwards and back', async () => {
    const filter = { accountId: account, ...all };
    const first = await queries.list(filter, { limit: 2 });
    expect([first.positions, first.next, first.previous]).toEqual([[5, 3], 3, null]);
    const second = await queries.list(filter, { limit: 2, cursor: { after: position(3) } });
    expect([second.positions, second.next, second.previous]).toEqual([[2, 1], null, 2]);
    const back = await queries.list(filter, { limit: 2, cursor: { before: position(2) } });
    expect(back.positions).toEqual([5, 3]);
  });

  it('are found by id, within what the owner sees', async () => {
    const eventId = queued[2]?.eventId ?? ('' as EventId);
    expect(await queries.find(eventId, null)).toMatchObject({ eventId, state: 'pending', attempts: 0 });
    expect(await queries.find(eventId, { accountId: account, mode: 'live' })).toMatchObject({ eventId });
    expect(await queries.find(eventId, { accountId: account, mode: 'test' })).toBeUndefined();
    expect(await queries.find(eventId, { accountId: stranger, mode: 'live' })).toBeUndefined();
  });

  it('are delivered again once they are settled; a result of the delivery before changes nothing', async () => {
    expect(await queries.redeliver(position(1), epochMs(9_500))).toBe(false);
    await settle(1, 'delivered');
    expect(await dueAt(9_600)).toEqual([2, 3, 4]);
    expect(await queries.redeliver(position(1), epochMs(9_500))).toBe(true);
    expect(await queries.redeliver(position(1), epochMs(9_500))).toBe(false);
    expect(await dueAt(9_600)).toEqual([3, 4, 1]);
    await settle(1, 'failed_permanent', 0);
    expect(await queries.find(queued[0]?.eventId ?? ('' as EventId), null)).toMatchObject({ state: 'pending' });
    await settle(1, 'failed_permanent', 1);
    expect(await queries.find(queued[0]?.eventId ?? ('' as EventId), null)).toMatchObject({
      state: 'failed_permanent',
      attempts: 1,
      lastStatus: 503,
    });
    expect(await queries.attempts(position(1))).toMatchObject([
      { round: 0, attempt: 1, status: 503, latencyMs: 4 },
      { round: 1, attempt: 1, status: 503, latencyMs: 4 },
    ]);
  });

  it('are forgotten when they were settled long ago, with their attempts', async () => {
    await settle(1, 'delivered');
    await lease.forget(epochMs(8_000));
    expect(await found({})).toEqual([5, 3, 2, 1]);
    await lease.forget(epochMs(8_001));
    expect(await found({})).toEqual([5, 3, 2]);
    expect(await queries.attempts(position(1))).toEqual([]);
  });
});
