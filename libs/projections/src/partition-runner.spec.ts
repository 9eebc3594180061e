import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { EventFeed } from '@ringfence/event-feed/event-feed';
import { MemoryEventStore, MemoryLog } from '@ringfence/event-store-memory/memory-event-store';
import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import type { StreamId } from '@ringfence/kernel/ids';
import { laneOf } from '@ringfence/kernel/lane';
import { type Position, position } from '@ringfence/kernel/units';
import { openPool } from '@ringfence/sql-postgres/pool';
import { PostgresSqlDatabase } from '@ringfence/sql-postgres/postgres-sql-database';
import { openScratchDatabase, type ScratchDatabase } from '@ringfence/sql-postgres/scratch-database';
import { FakeClock } from '@ringfence/testing/fake-clock';
import { failingNow } from '@ringfence/testing/faulty-database';
import { GeneratedHistory } from '@ringfence/testing/generated-history';
import type { Pool } from 'pg';
import { ensureOwnTables } from './checkpoints.js';
import { dump } from './dump.js';
import type { PartitionReading, PartitionSource, PartitionSpan, StartsOf } from './partition-source.js';
import { PartitionWriter } from './partition-writer.js';
import { ensurePartitions } from './partitions.js';
import { ProjectionEngine } from './projection-engine.js';
import { noProjectionMetrics, type ProjectionMetrics } from './projection-metrics.js';
import { projectionPositions } from './projection-positions.js';
import { ProjectionProgress } from './projection-progress.js';
import { rebuild } from './rebuild.js';
import { retryParked } from './retry-parked.js';
import type { RunnableProjection } from './runnable-projection.js';
import type { SqlDatabase } from '@ringfence/ports/sql/sql-database';

const partitionCount = 4;
const all = [0, 1, 2, 3];

let scratch: ScratchDatabase;
let pool: Pool;
let db: PostgresSqlDatabase;
let store: MemoryEventStore;
let history: GeneratedHistory;
let feed: EventFeed;
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
  await db.query('drop schema if exists projection, tally, tally_next, tally_old cascade');
  store = new MemoryEventStore(new MemoryLog(), new FakeClock());
  history = new GeneratedHistory({ accounts: 8, liveCalls: 40 });
  feed = new EventFeed(store, new FakeClock(), () => undefined);
  const following = new AbortController();
  open.push(following);
  running.push(feed.run(following.signal));
});
afterEach(async () => {
  for (const each of open.splice(0)) each.abort();
  await Promise.all(running.splice(0));
});

/** The log by its partitions, repeated as often as a test says: of those that `owned` names at the moment. */
class SlicedLog implements PartitionSource {
  readonly partitions = partitionCount;
  closed = 0;

  constructor(
    public owned: readonly number[] = all,
    private readonly again = 0,
  ) {}

  open(_projection: RunnableProjection, startsOf: StartsOf): PartitionReading {
    const cursors = new Map<number, Position>();
    return {
      next: async () => {
        const unknown = this.owned.filter((partition) => !cursors.has(partition));
        if (unknown.length > 0) for (const [partition, start] of await startsOf(unknown)) cursors.set(partition, start);
        const spans: PartitionSpan[] = [];
        for (const partition of this.owned) {
          const cursor = cursors.get(partition) ?? position(0);
          const from = position(Math.max(0, cursor - this.again));
          const events = await feed.read(from, 150);
          const to = position(from + events.length);
          const own = events.filter(({ stream }) => laneOf(stream, partitionCount) === partition);
          if (to > cursor) spans.push({ partition, from, to, events: own });
          cursors.set(partition, to > cursor ? to : cursor);
        }
        if (spans.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
        return spans;
      },
      startOver: () => {
        cursors.clear();
      },
      close: () => {
        this.closed += 1;
        return Promise.resolve();
      },
    };
  }
}

type Faults = {
  readonly refuses?: (event: RecordedEnvelope) => boolean;
  readonly writesBadly?: (event: RecordedEnvelope) => boolean;
  readonly version?: number;
};

/** Counts the events of each stream; a second look at any of them would show. */
function tally({ refuses, writesBadly, version = 1 }: Faults = {}): RunnableProjection {
  return {
    name: 'tally',
    version,
    order: 'stream',
    tables: `create table tally (stream text collate "C" primary key, count int8 not null, last_version int8 not null check (last_version >= 0));`,
    handles: (type) => type !== 'CallRinging',
    begin: () => {
      const batch = new Map<StreamId, { count: number; lastVersion: number }>();
      return {
        fold: (event) => {
          if (event.data.type === 'CallRinging') return;
          if (refuses?.(event) === true) throw new Error('refused');
          const row = batch.get(event.stream) ?? { count: 0, lastVersion: 0 };
          const lastVersion = writesBadly?.(event) === true || row.lastVersion < 0 ? -1 : event.version;
          batch.set(event.stream, { count: row.count + 1, lastVersion });
        },
        write: (tx) => {
          if (batch.size === 0) return;
          const rows = [...batch];
          tx.execute(
            `insert into tally select * from unnest($1::text[], $2::int8[], $3::int8[]) on conflict (stream)
             do update set count = tally.count + excluded.count, last_version = excluded.last_version`,
            [rows.map(([stream]) => stream), rows.map(([, row]) => row.count), rows.map(([, row]) => row.lastVersion)],
          );
        },
      };
    },
  };
}

function start(
  projection: RunnableProjection,
  parts: {
    readonly source?: SlicedLog | null;
    readonly db?: SqlDatabase;
    readonly metrics?: Partial<ProjectionMetrics>;
  } = {},
) {
  const stopping = new AbortController();
  open.push(stopping);
  const progress = new ProjectionProgress(db);
  const { source = new SlicedLog() } = parts;
  const engineParts = {
    db: parts.db ?? db,
    source: feed,
    ...(source === null ? {} : { partitioned: source }),
    history: feed,
    clock: new FakeClock(),
    metrics: { ...noProjectionMetrics, ...parts.metrics },
    progress,
  };
  const prepared = new ProjectionEngine([projection], { ...engineParts, db }).prepare();
  const ended = prepared.then(() => new ProjectionEngine([projection], engineParts).run(stopping.signal));
  running.push(ended);
  return {
    reached: async () => {
      expect(await progress.waitFor(['tally'], await store.head(), 30_000)).toBe(true);
    },
    stop: () => {
      stopping.abort();
      return ended;
    },
  };
}

async function tallied(): Promise<Map<StreamId, number>> {
  const rows = await db.query<{ stream: StreamId; count: string }>('select stream, count from tally.tally');
  return new Map(rows.map((row) => [row.stream, Number(row.count)]));
}

async function countedByHand(): Promise<Map<StreamId, number>> {
  const counted = new Map<StreamId, number>();
  for (const { stream, data } of await feed.read(position(0), 100_000))
    if (data.type !== 'CallRinging') counted.set(stream, (counted.get(stream) ?? 0) + 1);
  return counted;
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let waitedMs = 0; !(await holds()) && waitedMs < 50_000; waitedMs += 20)
    await new Promise((resolve) => setTimeout(resolve, 20));
  expect(await holds()).toBe(true);
}

describe('a projection that partitions feed', () => {
  it('counts an event once, however often it comes again and whichever other process has the same partitions', async () => {
    const engines = [new SlicedLog(all, 60), new SlicedLog(all), new SlicedLog([1, 3], 20)].map((source) =>
      start(tally(), { source }),
    );
    for (let round = 0; round < 6; round += 1) await history.appendTo(store, 250);
    for (const each of engines) await each.reached();
    expect(await tallied()).toEqual(await countedByHand());
  });

  it('says that it goes on where nothing is of concern to it, for nobody else would', async () => {
    await new GeneratedHistory({ accounts: 1, liveCalls: 1 }).appendTo(store, 50);
    const taken = new Set<number>(
      (await feed.read(position(0), 100)).map((event) => laneOf(event.stream, partitionCount)),
    );
    const owned = all.filter((partition) => !taken.has(partition));
    expect(owned).not.toEqual([]);
    const reports: string[] = [];
    const metrics = { applied: () => reports.push('applied'), passed: (name: string) => reports.push(name) };
    start(tally(), { source: new SlicedLog(owned), metrics });
    await until(() => reports.length > 0);
    expect(new Set(reports)).toEqual(new Set(['tally']));
  });

  it('counts an event once when the database goes away between any two statements', async () => {
    await history.appendTo(store, 1_200);
    await start(tally(), { db: failingNow(db, 7) }).reached();
    expect(await tallied()).toEqual(await countedByHand());
  });

  it('goes on where the log has fed it to, and the log where the partitions have', async () => {
    await history.appendTo(store, 700);
    const byLog = start(tally(), { source: null });
    await byLog.reached();
    await byLog.stop();
    await history.appendTo(store, 700);
    const source = new SlicedLog([0, 2]);
    const byPartitions = start(tally(), { source });
    await until(async () => {
      const rows = await db.query<{ position: string }>(
        `select position from projection.partition_checkpoint where partition in (0, 2) and position = 1400`,
      );
      return rows.length === 2;
    });
    expect((await projectionPositions(db))[0]).toMatchObject({ position: 700 });
    await byPartitions.stop();
    await history.appendTo(store, 100);
    await start(tally(), { source: null }).reached();
    expect(await tallied()).toEqual(await countedByHand());
    expect(await db.query('select 1 from projection.partition_checkpoint')).toEqual([]);
  });

  it('has come to a position only when the last of its partitions has, and is not dumped in between', async () => {
    await history.appendTo(store, 900);
    const source = new SlicedLog([0, 1, 3]);
    await ensureOwnTables(db);
    start(tally(), { source });
    const progress = new ProjectionProgress(db);
    await until(async () => {
      const rows = await db.query(`select 1 from projection.partition_checkpoint where position = 900`);
      return rows.length === 3;
    });
    expect(await progress.waitFor(['tally'], position(1), 100)).toBe(false);
    await expect(dump(db, 'tally', () => undefined)).rejects.toMatchObject({ code: 'projection_uneven' });
    source.owned = all;
    expect(await progress.waitFor(['tally'], position(900), 20_000)).toBe(true);
    expect(await dump(db, 'tally', () => undefined)).toBe(900);
  });

  it('finds its place in the tables of a release that knew no partitions', async () => {
    await history.appendTo(store, 500);
    const byLog = start(tally(), { source: null });
    await byLog.reached();
    await byLog.stop();
    await db.query('drop table projection.partition_checkpoint');
    await db.query('alter table projection.checkpoint drop column partitions');
    await history.appendTo(store, 500);
    await ensureOwnTables(db);
    await start(tally()).reached();
    expect(await tallied()).toEqual(await countedByHand());
  });

  it.each([
    { by: 'its fold', faults: (at: (event: RecordedEnvelope) => boolean): Faults => ({ refuses: at }) },
    { by: 'the database', faults: (at: (event: RecordedEnvelope) => boolean): Faults => ({ writesBadly: at }) },
  ])('parks the stream of an event that $by refuses, and nothing else; a retry brings it up', async ({ faults }) => {
    const [victim] = history.accountIds;
    const reports: string[] = [];
    await history.appendTo(store, 1_000);
    const broken = faults((event) => event.stream === victim && event.version === 10);
    const metrics = { parked: (_name: string, stream: string) => reports.push(stream) };
    const engines = [start(tally(broken), { metrics }), start(tally(broken), { metrics })];
    for (const each of engines) await each.reached();
    const expected = await countedByHand();
    const rows = await tallied();
    expect(rows.get(victim as StreamId)).toBeLessThan(10);
    expect(new Map([...rows, [victim, expected.get(victim as StreamId)]])).toEqual(expected);
    expect(new Set(reports)).toEqual(new Set([victim]));
    const appended = history.appendTo(store, 1_000);
    expect(await retryParked(tally(), null, { db, history: feed })).toEqual([
      { stream: victim, caughtUp: true, reason: null },
    ]);
    await appended;
    for (const each of engines) await each.stop();
    await start(tally()).reached();
    expect(await tallied()).toEqual(await countedByHand());
  });

  it('parks nothing that somebody else has taken in meanwhile', async () => {
    await history.appendTo(store, 1);
    const [first] = await feed.read(position(0), 1);
    if (first === undefined) throw new Error('the log is empty');
    await ensureOwnTables(db);
    await ensurePartitions(db, tally(), partitionCount);
    const partition = laneOf(first.stream, partitionCount);
    const spans: PartitionSpan[] = [{ partition, from: position(0), to: position(1), events: [first] }];
    let transactions = 0;
    const overtaken: SqlDatabase = {
      query: (sql, params, planned) => db.query(sql, params, planned),
      transaction: async (work) => {
        transactions += 1;
        if (transactions === 2) await new PartitionWriter(db, tally(), noProjectionMetrics).advance(spans);
        return db.transaction(work);
      },
    };
    const broken = tally({ writesBadly: () => true });
    expect(await new PartitionWriter(overtaken, broken, noProjectionMetrics).advance(spans)).toEqual({ moved: false });
    expect(transactions).toBe(2);
    expect((await projectionPositions(db))[0]?.parkedStreams).toBe(0);
    expect(await tallied()).toEqual(await countedByHand());
  });

  it('is fed on after a rebuild was swapped in while it ran', async () => {
    const engines = [
      start(tally(), { source: new SlicedLog([0, 1]) }),
      start(tally(), { source: new SlicedLog([2, 3]) }),
    ];
    await history.appendTo(store, 1_500);
    for (const each of engines) await each.reached();
    const traffic = (async () => {
      for (let round = 0; round < 15; round += 1) await history.appendTo(store, 100);
    })();
    await rebuild(tally(), { db, history: feed, metrics: noProjectionMetrics });
    await traffic;
    for (const each of engines) await each.reached();
    expect(await tallied()).toEqual(await countedByHand());
    expect((await projectionPositions(db))[0]).toMatchObject({ generation: 2, position: 3_000 });
  });

  it('shows nobody older rows after a rebuild, though the last of its partitions is far behind the others', async () => {
    await history.appendTo(store, 1_800);
    await ensureOwnTables(db);
    const engine = start(tally(), { source: new SlicedLog([0, 1, 3]) });
    await until(async () => {
      const rows = await db.query(`select 1 from projection.partition_checkpoint where position = 1800`);
      return rows.length === 3;
    });
    await engine.stop();
    let asked = 0;
    const late = {
      readSpan: (from: Position, limit: number, ignored: readonly string[]) =>
        feed.readSpan(from, Math.min(limit, 1_000), ignored),
      readStream: feed.readStream.bind(feed),
      // At first it knows of the first thousand only.
      head: async () => ((asked += 1) === 1 ? position(1_000) : store.head()),
    };
    await rebuild(tally(), { db, history: late, metrics: noProjectionMetrics });
    expect((await projectionPositions(db))[0]).toMatchObject({ generation: 2, position: 1_800 });
    expect(await tallied()).toEqual(await countedByHand());
  });

  it('leaves its partitions to others when another release owns the rows', async () => {
    const source = new SlicedLog();
    const stopped: unknown[] = [];
    const engine = start(tally(), { source, metrics: { stopped: (_name, failure) => stopped.push(failure) } });
    await history.appendTo(store, 500);
    await engine.reached();
    await rebuild(tally({ version: 2 }), { db, history: feed, metrics: noProjectionMetrics });
    await history.appendTo(store, 500);
    await until(() => stopped.length > 0);
    expect(stopped).toMatchObject([{ code: 'projection_superseded' }]);
    await until(() => source.closed === 1);
  });
});
