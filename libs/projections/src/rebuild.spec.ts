import type { EventContext } from '@ringfence/domain/domain-event';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import { EventFeed } from '@ringfence/event-feed/event-feed';
import { MemoryEventStore, MemoryLog } from '@ringfence/event-store-memory/memory-event-store';
import { position, type StreamVersion, streamVersion } from '@ringfence/kernel/units';
import { openPool } from '@ringfence/sql-postgres/pool';
import { PostgresSqlDatabase } from '@ringfence/sql-postgres/postgres-sql-database';
import { openScratchDatabase, type ScratchDatabase } from '@ringfence/sql-postgres/scratch-database';
import { FakeClock } from '@ringfence/testing/fake-clock';
import { GeneratedHistory } from '@ringfence/testing/generated-history';
import type { Pool } from 'pg';
import { ensureOwnTables, ensureSchema } from './checkpoints.js';
import { dump } from './dump.js';
import type { EventHistory } from './event-source.js';
import type { Folds, Projection } from './projection.js';
import { ProjectionEngine } from './projection-engine.js';
import { noProjectionMetrics } from './projection-metrics.js';
import { projectionPositions } from './projection-positions.js';
import { ProjectionProgress } from './projection-progress.js';
import { ProjectionWriter } from './projection-writer.js';
import { rebuild, rebuildTogether } from './rebuild.js';
import { ignoredTypes, runnable, type RunnableProjection } from './runnable-projection.js';

/** More than one page of a rebuild, and one of the store. */
const eventCount = 9_000;
let scratch: ScratchDatabase;
let pool: Pool;
let db: PostgresSqlDatabase;
let store: MemoryEventStore;
let history: RecordedHistory;

beforeAll(async () => {
  scratch = await openScratchDatabase();
  pool = openPool(scratch.url);
  db = new PostgresSqlDatabase(pool);
});
afterAll(async () => {
  await pool.end();
  await scratch.close();
});
beforeEach(async () => {
  await db.query('drop schema if exists projection, keys, calls, whole, keys_next, calls_next, whole_next cascade');
  await ensureOwnTables(db);
  store = new MemoryEventStore(new MemoryLog(), new FakeClock());
  await new GeneratedHistory({ accounts: 8, liveCalls: 40 }).appendTo(store, eventCount);
  history = new RecordedHistory(store);
});

describe('a rebuild', () => {
  it('decodes no event that the projection ignores, and gives the rows of one that was fed all of them', async () => {
    const expected = await fedAll(listing('keys'));
    await rebuild(listing('keys'), parts());
    expect(await dumped('keys')).toBe(expected);
    expect(history.typesRead.size).toBeGreaterThan(0);
    expect([...history.typesRead].filter((type) => !type.startsWith('Key') && !type.startsWith('SigningKey'))).toEqual(
      [],
    );
    expect(await positions()).toEqual({ keys: eventCount });
  });

  it('passes ignored events unread: what is wrong with their bytes is for a replay of the log to find', async () => {
    await append('ringfence.call.placed.v1', 'no JSON');
    await rebuild(listing('keys'), parts());
    expect(await positions()).toEqual({ keys: eventCount + 1 });
    await expect(rebuild(listing('calls'), parts())).rejects.toMatchObject({ code: 'event_malformed' });
  });

  it.each([
    { type: 'ringfence.call.teleported.v1', code: 'event_type_unknown' },
    { type: 'ringfence.call.placed.v99', code: 'event_version_unknown' },
  ])('stops before an event of a type that this release does not know, $type, whatever it ignores', async (unknown) => {
    await rebuild(listing('keys'), parts());
    const before = await dumped('keys');
    await append(unknown.type, JSON.stringify({ specversion: '1.0', type: unknown.type, data: {} }));
    await expect(rebuild(listing('keys'), parts())).rejects.toMatchObject({ code: unknown.code });
    expect(await dumped('keys')).toBe(before);
  });

  it('parks the one event that the database refuses, among events that it does not get', async () => {
    const keyEvents = (await history.readSpan(position(0), eventCount, ignoredTypes([listing('keys')]))).events;
    const victim = keyEvents[keyEvents.length >> 1];
    await rebuild(listing('keys', { refusedAt: victim?.position }), parts());
    const parked = await db.query('select name, stream, first_position::int4 from projection.parked');
    expect(parked).toEqual([{ name: 'keys', stream: victim?.stream, first_position: victim?.position }]);
    const kept = keyEvents.filter(({ stream, position: at }) => stream !== victim?.stream || at < victim.position);
    const rows = await db.query<{ position: number }>('select position::int4 from keys.listed order by position');
    expect(rows.map((row) => row.position)).toEqual(kept.map((event) => event.position));
    expect(await positions()).toEqual({ keys: eventCount });
  });
});

describe('a rebuild of several projections', () => {
  it('reads the log once for all of them, and gives the rows that each has alone', async () => {
    const all = [listing('keys'), listing('calls'), listing('whole')];
    const expected: string[] = [];
    for (const projection of all) expected.push(await fedAll(projection));
    const results = await rebuildTogether(all, parts());
    expect(results).toMatchObject(
      all.map(() => ({ status: 'fulfilled', value: { events: eventCount, generation: 2 } })),
    );
    expect(await Promise.all(all.map(({ name }) => dumped(name)))).toEqual(expected);
    expect(history.positionsRead).toBe(eventCount);
    expect(await positions()).toEqual({ keys: eventCount, calls: eventCount, whole: eventCount });
  });

  it('goes on without one that stops', async () => {
    const stopping = { ...listing('calls', { throwsAt: 7_000 }), order: 'log' as const };
    const [keys, calls, whole] = await rebuildTogether([listing('keys'), stopping, listing('whole')], parts());
    expect(calls).toMatchObject({ status: 'rejected', reason: { code: 'projection_stopped' } });
    expect([keys, whole]).toMatchObject([{ status: 'fulfilled' }, { status: 'fulfilled' }]);
    expect(await positions()).toEqual({ keys: eventCount, calls: 0, whole: eventCount });
  });

  it('fails for all of them when the log cannot be read, and leaves the rows in use as they were', async () => {
    await rebuildTogether([listing('keys'), listing('calls')], parts());
    const before = await Promise.all([dumped('keys'), dumped('calls')]);
    await append('ringfence.call.teleported.v1', '{}');
    const results = await rebuildTogether([listing('keys'), listing('calls')], parts());
    expect(results).toMatchObject([
      { status: 'rejected', reason: { code: 'event_malformed' } },
      { status: 'rejected', reason: { code: 'event_malformed' } },
    ]);
    expect(await Promise.all([dumped('keys'), dumped('calls')])).toEqual(before);
  });

  it('shares a pass when a new release raises several versions', async () => {
    const [keys, calls] = [listing('keys'), listing('calls')];
    await rebuildTogether([keys, calls], parts());
    history.positionsRead = 0;
    const raised = [
      { ...keys, version: 2 },
      { ...calls, version: 2 },
    ];
    const stopping = new AbortController();
    const progress = new ProjectionProgress(db);
    const feed = new EventFeed(store, new FakeClock(), () => undefined);
    const engine = new ProjectionEngine(raised, {
      ...parts(),
      source: feed,
      clock: new FakeClock(),
      progress,
    });
    const running = Promise.all([feed.run(stopping.signal), engine.run(stopping.signal)]);
    const versions = async () => {
      const rows = await projectionPositions(db);
      return rows.map(({ version }) => version);
    };
    for (let waitedMs = 0; String(await versions()) !== '2,2' && waitedMs < 20_000; waitedMs += 20)
      await new Promise((resolve) => setTimeout(resolve, 20));
    stopping.abort();
    await running;
    expect(await versions()).toEqual([2, 2]);
    expect(history.positionsRead).toBe(eventCount);
  });
});

/** The log's history, and what was read of it. */
class RecordedHistory implements EventHistory {
  readonly typesRead = new Set<string>();
  positionsRead = 0;
  readonly #feed: EventFeed;

  constructor(of: MemoryEventStore) {
    this.#feed = new EventFeed(of, new FakeClock(), () => undefined);
  }

  async readSpan(...asked: Parameters<EventHistory['readSpan']>): ReturnType<EventHistory['readSpan']> {
    const span = await this.#feed.readSpan(...asked);
    this.positionsRead += span.to - span.from;
    for (const { data } of span.events) this.typesRead.add(data.type);
    return span;
  }

  readStream(...asked: Parameters<EventHistory['readStream']>): ReturnType<EventHistory['readStream']> {
    return this.#feed.readStream(...asked);
  }

  head(): ReturnType<EventHistory['head']> {
    return this.#feed.head();
  }
}

function parts() {
  return { db, history, metrics: noProjectionMetrics };
}

type Listed = RecordedEnvelope[];
type Faults = { readonly refusedAt?: number | undefined; readonly throwsAt?: number };

/** Lists the events of a context, or all. */
function listing(context: 'keys' | 'calls' | 'whole', { refusedAt, throwsAt }: Faults = {}): RunnableProjection {
  const list = (event: RecordedEnvelope, batch: Listed): void => {
    if (throwsAt !== undefined && event.position >= throwsAt) throw new Error('refused');
    batch.push(event);
  };
  const of = (each: EventContext) => (context === 'whole' || context === each ? list : 'ignore');
  const on: Folds<Listed> = {
    accounts: of('accounts'),
    keys: of('keys'),
    calls: of('calls'),
    numbers: of('numbers'),
    inventory: of('inventory'),
    rejections: of('rejections'),
    webhooks: of('webhooks'),
    apps: of('apps'),
    trunks: of('trunks'),
    platform: of('platform'),
  };
  const projection: Projection<Listed> = {
    name: context,
    version: 1,
    order: 'stream',
    tables: `create table listed (position int8 primary key check (position >= 0), stream text not null, type text not null);`,
    newBatch: () => [],
    on,
    write: (batch, tx) => {
      if (batch.length === 0) return;
      tx.execute('insert into listed select * from unnest($1::int8[], $2::text[], $3::text[])', [
        batch.map((event) => (event.position === refusedAt ? -1 : event.position)),
        batch.map(({ stream }) => stream),
        batch.map(({ data }) => data.type),
      ]);
    },
  };
  return runnable(projection);
}

/** Feeds the projection every event, as the live feed does. @returns its rows */
async function fedAll(projection: RunnableProjection): Promise<string> {
  const fresh = await ensureSchema(db, projection);
  const writer = new ProjectionWriter(db, projection, projection.name, fresh, noProjectionMetrics);
  await writer.advance(await new RecordedHistory(store).readSpan(position(0), eventCount, []));
  return dumped(projection.name);
}

async function dumped(name: string): Promise<string> {
  const lines: string[] = [];
  await dump(db, name, (line) => lines.push(line));
  expect(lines.length).toBeGreaterThan(1);
  return lines.join('\n');
}

async function positions(): Promise<Record<string, number>> {
  const rows = await projectionPositions(db);
  return Object.fromEntries(rows.map(({ name, position: at }) => [name, at]));
}

/** Appends an event of one's own making to a stream that no other event is in. */
async function append(type: string, text: string): Promise<void> {
  const stream = 'acc_7ZZZZZZZZZZZZZZZZZZZZZZZZZ' as never;
  const none: StreamVersion = streamVersion(0);
  const events = [{ type, subject: 'x', bytes: Buffer.from(text) }];
  await store.append({
    appends: [{ stream, expectedVersion: none, events, nextDueMs: null }],
    unchanged: [],
    outcomes: [],
    fences: [],
  });
}
