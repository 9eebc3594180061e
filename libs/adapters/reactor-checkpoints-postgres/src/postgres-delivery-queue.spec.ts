import type { SealedText } from '@ringfence/domain/shared/values';
import { epochMs, position } from '@ringfence/kernel/units';
import type { AttemptResult, DueAsked, QueueChange, QueuedDelivery } from '@ringfence/ports/deliveries/delivery-queue';
import { openPool } from '@ringfence/sql-postgres/pool';
import { openScratchDatabase, type ScratchDatabase } from '@ringfence/sql-postgres/scratch-database';
import { exampleAccountId, sealedExample } from '@ringfence/testing/examples';
import { PredictableIds } from '@ringfence/testing/predictable-ids';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Pool } from 'pg';
import { PostgresDeliveryQueue } from './postgres-delivery-queue.js';

const ids = new PredictableIds();
const url: SealedText = sealedExample('https://receiver.example/status');
const now = epochMs(1_000_000);
const nothing: QueueChange = {
  followed: [],
  ended: [],
  deliveries: [],
  secrets: [],
  deletedSecrets: [],
  apps: [],
  deletedApps: [],
};
const all: DueAsked = { nowMs: now, busy: [], underWay: [], perReceiverMax: 10, limit: 10 };

function delivery(at: number, change: Partial<QueuedDelivery> = {}): QueuedDelivery {
  return {
    position: position(at),
    endpoint: 'status_callback',
    callId: ids.callId(),
    accountId: exampleAccountId,
    mode: 'test',
    appId: null,
    url,
    receiver: 'receiver',
    apiVersion: '2026-06-01',
    eventId: ids.eventId(),
    eventName: 'call.ringing',
    sequence: 0,
    occurredAtMs: now,
    queuedAtMs: now,
    ...change,
  };
}

function resultOf({ position: at, endpoint, callId }: QueuedDelivery, change: Partial<AttemptResult>): AttemptResult {
  return {
    ...{ position: at, endpoint, callId, round: 0, state: 'delivered', dueAtMs: now, isAttempt: true },
    ...{ attemptedAtMs: now, status: 200, error: null, latencyMs: 3 },
    ...change,
  };
}

describe('the queue of webhooks in PostgreSQL', () => {
  let database: ScratchDatabase;
  let pool: Pool;
  let queue: PostgresDeliveryQueue;
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
    queue = await PostgresDeliveryQueue.open(pool);
  });
  const dueOf = async (asked: Partial<DueAsked> = {}) => {
    const due = await (await queue.take('reader', now)).due({ ...all, ...asked });
    return due.map((each) => each.position);
  };

  it('moves its checkpoint with what it queues, and keeps both for the next owner', async () => {
    const lease = await queue.take('one', epochMs(5));
    expect([lease.next, lease.beginsAtMs]).toEqual([0, 5]);
    await lease.apply({ ...nothing, deliveries: [delivery(3)] }, position(4));
    const next = await queue.take('two', epochMs(9));
    expect([next.next, next.beginsAtMs]).toEqual([4, 5]);
    expect(await dueOf()).toEqual([3]);
  });

  it('takes nothing from an owner that was replaced: neither deliveries nor results', async () => {
    const replaced = await queue.take('one', now);
    const kept = delivery(1);
    await replaced.apply({ ...nothing, deliveries: [kept] }, position(2));
    const owner = await queue.take('two', now);
    const lost = { code: 'reactor_lease_lost', retryable: false };
    await expect(replaced.apply({ ...nothing, deliveries: [delivery(2)] }, position(9))).rejects.toMatchObject(lost);
    await expect(replaced.settle([resultOf(kept, {})])).rejects.toMatchObject(lost);
    expect((await owner.due(all)).map((each) => each.position)).toEqual([1]);
    expect((await queue.take('three', now)).next).toBe(2);
  });

  it('applies the same change twice as once', async () => {
    const lease = await queue.take('one', now);
    const change = { ...nothing, deliveries: [delivery(1), delivery(2)] };
    await lease.apply(change, position(3));
    await lease.apply(change, position(3));
    expect(await dueOf()).toEqual([1, 2]);
  });

  it('holds back a later event of a call until the earlier one is settled', async () => {
    const lease = await queue.take('one', now);
    const callId = ids.callId();
    const [first, second, other] = [delivery(1, { callId }), delivery(2, { callId }), delivery(3)];
    await lease.apply({ ...nothing, deliveries: [first, second, other] }, position(4));
    const due = async (nowMs = now) => (await lease.due({ ...all, nowMs })).map((each) => each.position);
    expect(await due()).toEqual([1, 3]);
    await lease.settle([resultOf(first, { state: 'pending', dueAtMs: epochMs(now + 500), status: 500 })]);
    expect(await due()).toEqual([3]);
    expect(await due(epochMs(now + 500))).toEqual([3, 1]);
    await lease.settle([resultOf(first, {})]);
    expect(await due(epochMs(now + 500))).toEqual([3, 2]);
  });

  it('counts attempts, and forgets a result of a round that was over', async () => {
    const lease = await queue.take('one', now);
    const one = delivery(1);
    await lease.apply({ ...nothing, deliveries: [one] }, position(2));
    await lease.settle([resultOf(one, { state: 'pending', status: 503 })]);
    await lease.settle([resultOf(one, { round: 7 })]);
    expect(await lease.due(all)).toMatchObject([{ attempts: 1, round: 0 }]);
  });

  it('gives no more of a receiver than it takes, and nothing of one that is busy', async () => {
    const lease = await queue.take('one', now);
    const deliveries = [1, 2, 3].map((at) => delivery(at)).concat(delivery(4, { receiver: 'slow' }));
    await lease.apply({ ...nothing, deliveries }, position(5));
    expect(await dueOf({ perReceiverMax: 2 })).toEqual([1, 2, 4]);
    expect(await dueOf({ busy: ['slow'] })).toEqual([1, 2, 3]);
    expect(await dueOf({ underWay: [{ position: position(1), endpoint: 'status_callback' }] })).toEqual([2, 3, 4]);
    expect((await lease.backlog()).pending).toBe(4);
  });

  it('says that the database is away in a way that can be retried', async () => {
    const away = openPool('postgres://nobody@127.0.0.1:1/nothing');
    const failure = { code: 'delivery_queue_unavailable', retryable: true };
    await expect(PostgresDeliveryQueue.open(away)).rejects.toMatchObject(failure);
    await away.end();
  });
});
