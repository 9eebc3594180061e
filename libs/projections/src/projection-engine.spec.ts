import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { EventFeed } from '@ringfence/event-feed/event-feed';
import { MemoryEventStore, MemoryLog } from '@ringfence/event-store-memory/memory-event-store';
import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import type { StreamId } from '@ringfence/kernel/ids';
import { position } from '@ringfence/kernel/units';
import { openPool } from '@ringfence/sql-postgres/pool';
import { PostgresSqlDatabase } from '@ringfence/sql-postgres/postgres-sql-database';
import { openScratchDatabase, type ScratchDatabase } from '@ringfence/sql-postgres/scratch-database';
import { FakeClock } from '@ringfence/testing/fake-clock';
import { failingNow } from '@ringfence/testing/faulty-database';
import { GeneratedHistory } from '@ringfence/testing/generated-history';
import type { Pool } from 'pg';
import { dump } from './dump.js';
import type { EventHistory, EventSource } from './event-source.js';
import type { Folds, Projection } from './projection.js';
import { ProjectionEngine } from './projection-engine.js';
import { noProjectionMetrics, type ProjectionMetrics } from './projection-metrics.js';
import { projectionPositions } from './projection-positions.js';
import { ProjectionProgress } from './projection-progress.js';
import { runnerRetryMs } from './projection-runner.js';
import { rebuild, rebuildBatchEventsMax } from './rebuild.js';
import { retryParked } from './retry-parked.js';
import { runnable, type RunnableProjection } from './runnable-projection.js';
import type { SqlDatabase } from '@ringfence/ports/sql/sql-database';

let scratch: ScratchDatabase;
let pool: Pool;
let db: PostgresSqlDatabase;
let log: Log;
const open: AbortController[] = [];
const running: Promise<void>[] = [];

beforeAll(async () => {
  scratch = await openScratchDatabase();
  pool = openPool(scratch.url, { connectionsMax: 20 });
  db = new PostgresSqlDatabase(pool);
});
afterAll(async () => {
  await pool.end();
  await scratch.close();
});
beforeEach(async () => {
  await db.query('drop schema if exists projection, tally, tally_next, tally_old, other cascade');
  log = new Log();
});
afterEach(async () => {
  for (const each of open.splice(0)) each.abort();
  await Promise.all(running.splice(0));
});

describe('a projection', () => {
  it('counts an event once, however often its batch comes again', async () => {
    await log.append(3_000);
    await caughtUp([tally()], { source: repeating(log.feed) });
    expect(await tallied()).toEqual(await countedByHand());
  });

  it('counts an event once when the database goes away between any two statements', async () => {
    await log.append(3_000);
    await caughtUp([tally()], { db: failingNow(db, 7) });
    expect(await tallied()).toEqual(await countedByHand());
  });

  it('counts an event once when two processes run it at the same time', async () => {
    const first = start([tally()]);
    const second = start([tally()]);
    for (let round = 0; round < 10; round += 1) await log.append(400);
    await first.reached();
    await second.reached();
    expect(await tallied()).toEqual(await countedByHand());
  });

  it('goes on where it was when it is started again', async () => {
    await log.append(1_500);
    const first = start([tally()]);
    await first.reached();
    await first.stop();
    await log.append(1_500);
    await caughtUp([tally()]);
    expect(await tallied()).toEqual(await countedByHand());
  });
});

describe('an event that a projection cannot take', () => {
  it('parks its stream from there on, in order, and nothing else; a retry brings it up', async () => {
    await log.append(2_000);
    const [victim] = log.history.accountIds;
    const reports: string[] = [];
    const metrics = { ...noProjectionMetrics, parked: (_name: string, stream: string) => reports.push(stream) };
    await caughtUp([tally({ refuses: (event) => event.stream === victim && event.version === 10 })], { metrics });
    const rows = await tallied();
    expect(rows.get(victim as StreamId)).toBe(9);
    rows.delete(victim as StreamId);
    const expected = await countedByHand();
    const whole = expected.get(victim as StreamId);
    expected.delete(victim as StreamId);
    expect(rows).toEqual(expected);
    expect(reports).toEqual([victim]);
    expect((await projectionPositions(db))[0]?.parkedStreams).toBe(1);

    const again = await retryParked(
      tally({ refuses: (event) => event.stream === victim && event.version === 20 }),
      null,
      {
        db,
        history: log.feed,
      },
    );
    expect(again).toEqual([{ stream: victim, caughtUp: false, reason: 'Error: refused' }]);
    const healed = await retryParked(tally(), null, { db, history: log.feed });
    expect(healed).toEqual([{ stream: victim, caughtUp: true, reason: null }]);
    expect((await tallied()).get(victim as StreamId)).toBe(whole);
  });

  it('is found out and parked when it is the database that refuses it', async () => {
    await log.append(2_000);
    const [victim] = log.history.accountIds;
    await caughtUp([tally({ writesBadly: (event) => event.stream === victim && event.version === 10 })]);
    const rows = await tallied();
    expect(rows.get(victim as StreamId)).toBe(9);
    rows.set(victim as StreamId, (await countedByHand()).get(victim as StreamId) ?? 0);
    expect(rows).toEqual(await countedByHand());
  });

  it('is not blamed for what is wrong with the database: nothing is parked, and it goes on when that is fixed', async () => {
    await log.append(1_000);
    const failures: unknown[] = [];
    const metrics = { ...noProjectionMetrics, failed: (_name: string, failure: unknown) => failures.push(failure) };
    const engine = start([tally()], { metrics });
    await engine.reached();
    await db.query('alter table tally.tally rename to elsewhere');
    await log.append(1_000);
    await until(() => failures.length > 1);
    await db.query('alter table tally.elsewhere rename to tally');
    await engine.reached();
    expect(await tallied()).toEqual(await countedByHand());
    expect((await projectionPositions(db))[0]?.parkedStreams).toBe(0);
  });

  it('lets a parked stream go on after a retry while the projection runs, and loses nothing', async () => {
    const [victim] = log.history.accountIds;
    let broken = true;
    const fragile = tally({ refuses: (event) => broken && event.stream === victim && event.version === 10 });
    const engine = start([fragile]);
    await log.append(2_000);
    await engine.reached();
    broken = false;
    const appended = log.append(4_000);
    await retryParked(fragile, null, { db, history: log.feed });
    await appended;
    await engine.reached();
    expect(await tallied()).toEqual(await countedByHand());
  });

  it('stops a projection that depends on the order of the log, and no other', async () => {
    await log.append(500);
    const stopped: string[] = [];
    const metrics = { ...noProjectionMetrics, stopped: (name: string) => stopped.push(name) };
    const other = runnable({
      ...tallySpec({ refuses: (event) => event.position === 100 }),
      name: 'other',
      order: 'log',
    });
    const engine = start([other, tally()], { metrics });
    await engine.progress.waitFor(['tally'], position(500), 20_000);
    expect(await tallied()).toEqual(await countedByHand());
    await until(() => stopped.length > 0);
    expect(stopped).toEqual(['other']);
    const [row] = (await projectionPositions(db)).filter(({ name }) => name === 'other');
    expect(row?.position).toBeLessThanOrEqual(100);
  });
});

describe('a reader that waits for a position', () => {
  it('is let go when the event is in the rows, and not before', async () => {
    const engine = start([tally()]);
    await log.append(100);
    expect(await engine.progress.waitFor(['tally'], position(100), 20_000)).toBe(true);
    expect((await projectionPositions(db))[0]?.position).toBe(100);
    expect(await engine.progress.waitFor(['tally'], position(101), 50)).toBe(false);
  });

  it('may wait in a process that runs no projection', async () => {
    start([tally()]);
    await log.append(100);
    expect(await new ProjectionProgress(db).waitFor(['tally'], position(100), 20_000)).toBe(true);
  });

  it('does not wait for a projection that does not exist', async () => {
    start([tally()]);
    expect(await new ProjectionProgress(db).waitFor(['nothing'], position(0), 50)).toBe(false);
  });
});

describe('a rebuild', () => {
  it('gives the same rows as the projection that ran along, while events go on coming in', async () => {
    const engine = start([tally()]);
    await log.append(4_000);
    await engine.reached();
    const traffic = (async () => {
      for (let round = 0; round < 20; round += 1) await log.append(200);
    })();
    const rebuilding = rebuild(tally(), { db, history: log.feed, metrics: noProjectionMetrics });
    const readable = (async () => {
      for (let round = 0; round < 40; round += 1) await db.query('select count(*) from tally.tally');
    })();
    expect((await rebuilding).generation).toBe(2);
    await Promise.all([traffic, readable]);
    await engine.reached();
    const followed = await dumped('tally');
    expect(await tallied()).toEqual(await countedByHand());
    expect((await rebuild(tally(), { db, history: log.feed, metrics: noProjectionMetrics })).generation).toBe(3);
    expect(await dumped('tally')).toBe(followed);
  });

  it.each([
    { ahead: 1_500, because: 'the rest is written under the lock' },
    { ahead: 6_000, because: 'it goes on building first' },
  ])('takes in what the live rows have got $ahead events ahead: $because', async ({ ahead }) => {
    await log.append(1_000 + ahead);
    const engine = start([tally()]);
    await engine.reached();
    let asked = 0;
    const late: EventHistory = {
      readSpan: (from, limit, ignored) =>
        log.feed.readSpan(from, limit === rebuildBatchEventsMax ? 1_000 : limit, ignored),
      readStream: (stream, from, limit) => log.feed.readStream(stream, from, limit),
      // At first it knows of the first thousand only.
      head: async () => ((asked += 1) === 1 ? position(1_000) : log.store.head()),
    };
    await rebuild(tally(), { db, history: late, metrics: noProjectionMetrics });
    expect((await projectionPositions(db))[0]).toMatchObject({ generation: 2, position: 1_000 + ahead });
    expect(await tallied()).toEqual(await countedByHand());
  });

  it('brings rows back from beyond the end of a log that was restored to an earlier moment', async () => {
    await log.append(4_000);
    const engine = start([tally()]);
    await engine.reached();
    await engine.stop();
    log = new Log();
    await log.append(1_000);
    await rebuild(tally(), { db, history: log.feed, metrics: noProjectionMetrics });
    expect(await tallied()).toEqual(await countedByHand());
    await log.append(1_000);
    await caughtUp([tally()]);
    expect(await tallied()).toEqual(await countedByHand());
  });

  it('begins by itself when the version is another, and serves the old rows until it is done', async () => {
    await log.append(1_000);
    const old = start([tally()]);
    await old.reached();
    await old.stop();
    await log.append(1_000);
    await caughtUp([runnable({ ...tallySpec(), version: 2 })]);
    const [row] = await projectionPositions(db);
    expect(row).toMatchObject({ name: 'tally', version: 2, generation: 2, position: 2_000, rebuildPosition: null });
    expect(await tallied()).toEqual(await countedByHand());
  });

  it('is done by one of two processes of a new release that begin together; the other waits for it', async () => {
    await log.append(12_000);
    const old = start([tally()]);
    await old.reached();
    await old.stop();
    const reports = { rebuilt: 0, superseded: 0 };
    const metrics: ProjectionMetrics = {
      ...noProjectionMetrics,
      rebuilt: () => (reports.rebuilt += 1),
      failed: () => (reports.superseded += 1),
    };
    const fresh = runnable({ ...tallySpec(), version: 2 });
    // A rebuild takes longer than a process waits before it tries again.
    const history = readBy((...asked) => sleep(runnerRetryMs).then(() => log.feed.readSpan(...asked)));
    const both = [start([fresh], { metrics, history }), start([fresh], { metrics, history })];
    await until(() => reports.rebuilt > 0);
    await Promise.all(both.map((each) => each.reached()));
    expect(reports.rebuilt).toBe(1);
    expect(reports.superseded).toBeLessThanOrEqual(1);
    expect((await projectionPositions(db))[0]).toMatchObject({ version: 2, rebuildPosition: null });
    expect(await tallied()).toEqual(await countedByHand());
  });

  it('gives way to a later one', async () => {
    await log.append(12_000);
    const parts = { db, metrics: noProjectionMetrics };
    let later: Promise<unknown> | undefined;
    let begun: () => void = () => undefined;
    const laterHasBegun = new Promise<void>((resolve) => (begun = resolve));
    const ofLater = readBy((...asked) => {
      begun();
      return log.feed.readSpan(...asked);
    });
    // It does not come to its end before the later one has begun.
    const ofFirst = readBy(async (...asked) => {
      if (later !== undefined) await laterHasBegun;
      return log.feed.readSpan(...asked);
    });
    const onProgress = (): void => {
      later ??= rebuild(tally(), { ...parts, history: ofLater });
    };
    const first = rebuild(tally(), { ...parts, history: ofFirst, onProgress });
    await expect(first).rejects.toMatchObject({ code: 'rebuild_superseded' });
    await later;
    expect(await tallied()).toEqual(await countedByHand());
  });

  it('takes the rows away from a release of another version, which then stops', async () => {
    await log.append(500);
    const stopped: unknown[] = [];
    const metrics: ProjectionMetrics = { ...noProjectionMetrics, stopped: (_name, failure) => stopped.push(failure) };
    const engine = start([tally()], { metrics });
    await engine.reached();
    await rebuild(runnable({ ...tallySpec(), version: 2 }), { db, history: log.feed, metrics: noProjectionMetrics });
    await log.append(500);
    await until(() => stopped.length > 0);
    expect(stopped).toMatchObject([{ code: 'projection_superseded' }]);
  });
});

/** Count of the events of each stream; a second look at any of them would show. */
type Tally = Map<StreamId, { count: number; lastVersion: number; bad: boolean }>;
type Faults = {
  readonly refuses?: (event: RecordedEnvelope) => boolean;
  readonly writesBadly?: (event: RecordedEnvelope) => boolean;
};

function tally(faults: Faults = {}): RunnableProjection {
  return runnable(tallySpec(faults));
}

function tallySpec({ refuses, writesBadly }: Faults = {}): Projection<Tally> {
  function count(event: RecordedEnvelope, batch: Tally): void {
    if (refuses?.(event) === true) throw new Error('refused');
    const row = batch.get(event.stream) ?? { count: 0, lastVersion: 0, bad: false };
    row.count += 1;
    row.lastVersion = event.version;
    row.bad ||= writesBadly?.(event) === true;
    batch.set(event.stream, row);
  }
  return {
    name: 'tally',
    version: 1,
    order: 'stream',
    tables: `create table tally (stream text collate "C" primary key, count int8 not null, last_version int8 not null check (last_version >= 0));`,
    newBatch: () => new Map(),
    on: everyType(count),
    write: (batch, tx) => {
      if (batch.size === 0) return;
      const rows = [...batch];
      tx.execute(
        `insert into tally select * from unnest($1::text[], $2::int8[], $3::int8[]) on conflict (stream)
         do update set count = tally.count + excluded.count, last_version = excluded.last_version`,
        [
          rows.map(([stream]) => stream),
          rows.map(([, row]) => row.count),
          rows.map(([, row]) => (row.bad ? -1 : row.lastVersion)),
        ],
      );
    },
  };
}

function everyType<Batch>(fold: (event: RecordedEnvelope, batch: Batch) => void): Folds<Batch> {
  return {
    accounts: fold,
    keys: fold,
    calls: fold,
    numbers: fold,
    inventory: fold,
    rejections: fold,
    webhooks: fold,
    apps: fold,
    trunks: fold,
    platform: fold,
  };
}

/** The log, whose pages are read like this. */
function readBy(readSpan: EventHistory['readSpan']): EventHistory {
  return { readSpan, readStream: (...asked) => log.feed.readStream(...asked), head: () => log.feed.head() };
}

/** A log that grows, and its feed. */
class Log {
  readonly store = new MemoryEventStore(new MemoryLog(), new FakeClock());
  readonly history = new GeneratedHistory({ accounts: 8, liveCalls: 40 });
  readonly feed = new EventFeed(this.store, new FakeClock(), () => undefined);

  constructor() {
    const following = new AbortController();
    open.push(following);
    running.push(this.feed.run(following.signal));
  }

  append(count: number): Promise<void> {
    return this.history.appendTo(this.store, count);
  }
}

type Started = {
  readonly progress: ProjectionProgress;
  readonly reached: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

function start(
  projections: readonly RunnableProjection[],
  parts: {
    readonly db?: SqlDatabase;
    readonly source?: EventSource;
    readonly history?: EventHistory;
    readonly metrics?: ProjectionMetrics;
  } = {},
): Started {
  const stopping = new AbortController();
  open.push(stopping);
  const progress = new ProjectionProgress(db);
  const engineParts = {
    db: parts.db ?? db,
    source: parts.source ?? log.feed,
    history: parts.history ?? log.feed,
    clock: new FakeClock(),
    metrics: parts.metrics ?? noProjectionMetrics,
    progress,
  };
  const prepared = new ProjectionEngine(projections, { ...engineParts, db }).prepare();
  const ended = prepared.then(() => new ProjectionEngine(projections, engineParts).run(stopping.signal));
  running.push(ended);
  return {
    progress,
    reached: async () => {
      const names = projections.map(({ name }) => name);
      expect(await progress.waitFor(names, await log.store.head(), 30_000)).toBe(true);
    },
    stop: () => {
      stopping.abort();
      return ended;
    },
  };
}

async function caughtUp(...started: Parameters<typeof start>): Promise<void> {
  await start(...started).reached();
}

async function tallied(): Promise<Map<StreamId, number>> {
  const rows = await db.query<{ stream: StreamId; count: string; last_version: string }>('select * from tally.tally');
  for (const row of rows) expect(row.count).toBe(row.last_version);
  return new Map(rows.map((row) => [row.stream, Number(row.count)]));
}

async function countedByHand(): Promise<Map<StreamId, number>> {
  const counted = new Map<StreamId, number>();
  const head = await log.store.head();
  for (let from = 0; from < head; from += 1_000) {
    for (const { stream } of await log.feed.read(position(from), 1_000)) {
      counted.set(stream, (counted.get(stream) ?? 0) + 1);
    }
  }
  return counted;
}

async function dumped(name: string): Promise<string> {
  const lines: string[] = [];
  await dump(db, name, (line) => lines.push(line));
  expect(lines.length).toBeGreaterThan(1);
  return lines.join('\n');
}

/** Every batch twice, the first time with the end of what came before it. */
function repeating(source: EventSource): EventSource {
  return {
    async *subscribe(from, signal) {
      let before: readonly RecordedEnvelope[] = [];
      for await (const batch of source.subscribe(from, signal)) {
        if (batch.length === 0) continue;
        yield [...before, ...batch];
        yield batch;
        before = batch.slice(-50);
      }
    },
  };
}

async function until(holds: () => boolean): Promise<void> {
  for (let waitedMs = 0; !holds() && waitedMs < 50_000; waitedMs += 20) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  expect(holds()).toBe(true);
}
