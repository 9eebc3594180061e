import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { EventFeed } from '@ringfence/event-feed/event-feed';
import { systemTimers } from '@ringfence/runtime/system-timers';
import { ConsumerGroupSource } from '@ringfence/event-feed/relay/consumer-group-source';
import { InMemoryRelayLeases } from '@ringfence/relay-leases-memory/memory-relay-leases';
import { Relay } from '@ringfence/event-feed/relay/relay';
import { decodeEvent } from '@ringfence/event-catalog/event-codec';
import { MemoryEventStore, MemoryLog } from '@ringfence/event-store-memory/memory-event-store';
import type { Clock } from '@ringfence/kernel/clock';
import { inventoryStream, type LogId } from '@ringfence/kernel/ids';
import { type EpochMs, position } from '@ringfence/kernel/units';
import { dump } from '@ringfence/projections/dump';
import { ProjectionEngine } from '@ringfence/projections/projection-engine';
import { noProjectionMetrics } from '@ringfence/projections/projection-metrics';
import { ProjectionProgress } from '@ringfence/projections/projection-progress';
import { rebuild } from '@ringfence/projections/rebuild';
import { allProjections } from '@ringfence/read-models/projections';
import { openPool } from '@ringfence/sql-postgres/pool';
import { PostgresSqlDatabase } from '@ringfence/sql-postgres/postgres-sql-database';
import { openScratchDatabase, type ScratchDatabase } from '@ringfence/sql-postgres/scratch-database';
import { exampleEvents } from '@ringfence/testing/example-events';
import { FakeClock } from '@ringfence/testing/fake-clock';
import { GeneratedHistory } from '@ringfence/testing/generated-history';
import { itUnless } from '@ringfence/testing/it-unless';
import { ownKafka } from '@ringfence/testing/kafka/broker-chain';
import { whyNoBrokerOfOnesOwn } from '@ringfence/testing/kafka/broker-of-ones-own';
import type { OwnKafka } from '@ringfence/testing/kafka/test-kafka';
import { PredictableIds } from '@ringfence/testing/predictable-ids';
import type { Pool } from 'pg';
import { KafkaMessageBus } from './kafka-message-bus.js';

const topic = 'groups.events';
const partitions = 8;
const byStream = allProjections.filter(({ order }) => order === 'stream');
const names = byStream.map(({ name }) => name);
const clock: Clock = { now: () => Date.now() as EpochMs };
const reachedWithinMs = 40_000;
/** Rows of a projection below which the comparison would show little. */
const rowsMin = 15;
const ids = new PredictableIds(7_000);

const it = itUnless(await whyNoBrokerOfOnesOwn());

const store = new MemoryEventStore(new MemoryLog(), clock);
const history = new GeneratedHistory({ accounts: 60, liveCalls: 100 });
const feed = new EventFeed(store, new FakeClock(), () => undefined);
const buses: KafkaMessageBus[] = [];
const stopping = new AbortController();
const running: Promise<unknown>[] = [];
let broker: OwnKafka;
let scratch: ScratchDatabase;
let pool: Pool;
let db: PostgresSqlDatabase;

beforeAll(async () => {
  [broker, scratch] = await Promise.all([ownKafka(), openScratchDatabase()]);
  pool = openPool(scratch.url, { connectionsMax: 30 });
  db = new PostgresSqlDatabase(pool);
}, 300_000);
afterAll(async () => {
  stopping.abort();
  for (const bus of buses) await bus.close();
  await Promise.all(running);
  await pool.end();
  await scratch.close();
  await broker.discard();
}, 60_000);

function openBus(): KafkaMessageBus {
  const bus = new KafkaMessageBus({ brokers: broker.brokers, clientId: `groups-${String(buses.length)}` });
  buses.push(bus);
  return bus;
}

/** Numbers of every account, some of them renamed and withdrawn. */
function recordNumbers(): void {
  history.accountIds.forEach((accountId, at) => {
    const numberId = ids.numberId();
    const of = { numberId, accountId };
    history.record(inventoryStream, { ...exampleEvents.NumberAdded, ...of });
    history.record(accountId, { ...exampleEvents.NumberReceived, ...of });
    if (at % 2 === 0) history.record(accountId, { ...exampleEvents.NumberRenamed, numberId });
    if (at % 3 !== 0) return;
    history.record(accountId, { ...exampleEvents.NumberWithdrawn, ...of });
    history.record(inventoryStream, { ...exampleEvents.NumberReleased, ...of });
  });
}

async function logId(): Promise<LogId> {
  const [first] = await store.readAll(position(0), 1);
  if (first === undefined) throw new Error('the log is empty');
  return decodeEvent(first.bytes).logId;
}

/** A process that projects. `fed`: how many partitions of each projection the topic feeds, and the log. */
async function startProjector() {
  const bus = openBus();
  const fed = new Map<string, { readonly topic: number; readonly log: number }>();
  const source = new ConsumerGroupSource({
    bus,
    topic,
    watermarks: `${topic}.watermarks`,
    partitions,
    logId: await logId(),
    log: store,
    clock,
    timers: systemTimers,
    onRetryableError: () => undefined,
    onFed: (name, counts) => {
      fed.set(name, counts);
      for (const look of watchers) look();
    },
  });
  const progress = new ProjectionProgress(db);
  const engine = new ProjectionEngine(byStream, {
    db,
    source: feed,
    partitioned: source,
    history: feed,
    clock,
    metrics: noProjectionMetrics,
    progress,
  });
  await engine.prepare();
  const ending = new AbortController();
  const run = engine.run(AbortSignal.any([stopping.signal, ending.signal]));
  running.push(run);
  return {
    fed,
    stop: async () => {
      ending.abort();
      await run;
    },
  };
}

const watchers = new Set<() => void>();
function until(holds: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (!holds()) return;
      watchers.delete(look);
      resolve();
    };
    watchers.add(look);
    look();
  });
}

/** Settles when every event of the log is in the rows, as another process would see it. */
async function reached(): Promise<void> {
  const head = await store.head();
  expect(await new ProjectionProgress(db).waitFor(names, head, reachedWithinMs)).toBe(true);
}

async function dumped(name: string): Promise<readonly string[]> {
  const lines: string[] = [];
  await dump(db, name, (line) => lines.push(line));
  return lines;
}

describe('projections that processes share', () => {
  it('have the rows that the log gives, though processes come and go and the broker is away for a while', async () => {
    await openBus().ensureTopics([
      { name: topic, partitions, replicas: { copies: 1, inSyncMin: 1 }, retention: { kind: 'forever' } },
      {
        name: `${topic}.watermarks`,
        partitions: 1,
        replicas: { copies: 1, inSyncMin: 1 },
        retention: { kind: 'forever' },
      },
    ]);
    await history.appendTo(store, 2_000);
    const leases = new InMemoryRelayLeases(clock);
    const host = {
      leading: () => undefined,
      replaced: () => undefined,
      published: () => undefined,
      onRetryableError: () => undefined,
    };
    const parts = {
      store,
      bus: openBus(),
      leases,
      timers: systemTimers,
      clock,
      topic,
      watermarks: `${topic}.watermarks`,
      partitions,
      owner: 'relay',
      host,
    };
    running.push(new Relay({ ...parts, logId: await logId() }).run(stopping.signal));

    const first = await startProjector();
    const second = await startProjector();
    const byTopic = (projector: typeof first, count: number) => () =>
      names.every((name) => projector.fed.get(name)?.topic === count);
    await until(byTopic(first, 4));
    await until(byTopic(second, 4));
    recordNumbers();
    await history.appendTo(store, 1_000);
    await reached();

    const third = await startProjector();
    for (let round = 0; round < 10; round += 1) await history.appendTo(store, 100);
    await second.stop();
    await history.appendTo(store, 500);
    await reached();
    await until(() => byTopic(first, 4)() && byTopic(third, 4)());

    await broker.kill();
    await history.appendTo(store, 300);
    await reached();
    // Who stops does not wait for a broker that is away.
    await third.stop();
    await broker.restart();
    await history.appendTo(store, 300);
    await reached();
    await until(byTopic(first, 8));
    await history.appendTo(store, 300);
    await reached();

    const shared = await Promise.all(names.map(dumped));
    await first.stop();
    for (const projection of byStream) await rebuild(projection, { db, history: feed, metrics: noProjectionMetrics });
    expect(await Promise.all(names.map(dumped))).toEqual(shared);
    expect(names.filter((_, at) => (shared[at]?.length ?? 0) < rowsMin)).toEqual([]);
  }, 150_000);
});
