import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EventFeed } from '@ringfence/event-feed/event-feed';
import { MemoryEventStore, MemoryLog } from '@ringfence/event-store-memory/memory-event-store';
import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import { laneOf } from '@ringfence/kernel/lane';
import { position, type Position } from '@ringfence/kernel/units';
import { spanOf } from '@ringfence/projections/event-source';
import { ensureOwnTables, ensureSchema } from '@ringfence/projections/checkpoints';
import { dump } from '@ringfence/projections/dump';
import type { PartitionSpan } from '@ringfence/projections/partition-source';
import { PartitionWriter } from '@ringfence/projections/partition-writer';
import { ensurePartitions, readPositions } from '@ringfence/projections/partitions';
import { noProjectionMetrics } from '@ringfence/projections/projection-metrics';
import { projectionPositions } from '@ringfence/projections/projection-positions';
import { ProjectionWriter } from '@ringfence/projections/projection-writer';
import { rebuild } from '@ringfence/projections/rebuild';
import type { RunnableProjection } from '@ringfence/projections/runnable-projection';
import { openPool } from '@ringfence/sql-postgres/pool';
import { PostgresSqlDatabase } from '@ringfence/sql-postgres/postgres-sql-database';
import { openScratchDatabase, type ScratchDatabase } from '@ringfence/sql-postgres/scratch-database';
import { FakeClock } from '@ringfence/testing/fake-clock';
import { GeneratedHistory } from '@ringfence/testing/generated-history';
import fc from 'fast-check';
import type { Pool } from 'pg';
import { allProjections } from './projections.js';

const eventCount = 240;
const partitionCount = 5;
const all = Array.from({ length: partitionCount }, (_, partition) => partition);
const byStream = allProjections.filter(({ order }) => order === 'stream');

let scratch: ScratchDatabase;
let pool: Pool;
let db: PostgresSqlDatabase;

beforeAll(async () => {
  scratch = await openScratchDatabase();
  pool = openPool(scratch.url, { connectionsMax: 20 });
  db = new PostgresSqlDatabase(pool);
});
afterAll(async () => {
  await pool.end();
  await scratch.close();
});

/** One who feeds partitions, from where it believes that they are: what it was given may be somebody else's by now. */
class Member {
  #writer: PartitionWriter | undefined;
  readonly #cursors = new Map<number, Position>();

  constructor(
    private readonly projection: RunnableProjection,
    private readonly events: readonly RecordedEnvelope[],
  ) {}

  /** Assigns these partitions, as a group does. */
  async given(partitions: readonly number[]): Promise<void> {
    await ensurePartitions(db, this.projection, partitionCount);
    this.#writer = new PartitionWriter(db, this.projection, noProjectionMetrics);
    for (const [partition, at] of await readPositions(db, this.projection.name, partitions))
      this.#cursors.set(partition, at);
  }

  /** @param again so far back what it brings begins once more */
  async feed(partitions: readonly number[], length: number, again: number): Promise<void> {
    const spans: PartitionSpan[] = [];
    if (this.#writer === undefined) await this.given(all);
    for (const partition of partitions) {
      const cursor = this.#cursors.get(partition) ?? 0;
      const [from, to] = [Math.max(0, cursor - again), Math.min(cursor + length, this.events.length)];
      const events = this.events.slice(from, to).filter(({ stream }) => laneOf(stream, partitionCount) === partition);
      if (from < to) spans.push({ partition, from: position(from), to: position(to), events });
    }
    const done = await this.#writer?.advance(spans);
    if (done?.moved === true) return this.given(all);
    for (const { partition, to } of spans) this.#cursors.set(partition, to);
  }
}

async function feedFromLog(
  projection: RunnableProjection,
  events: readonly RecordedEnvelope[],
  length: number,
  again: number,
): Promise<void> {
  const checkpoint = await ensureSchema(db, projection);
  const writer = new ProjectionWriter(db, projection, projection.name, checkpoint, noProjectionMetrics);
  const batch = events.slice(Math.max(0, writer.next - again), writer.next + length);
  if (batch.length > 0) await writer.advance(spanOf(batch));
}

type Step =
  | ({ readonly kind: 'feed'; readonly member: number; readonly partitions: readonly number[] } & Cut)
  | ({ readonly kind: 'two feed'; readonly partitions: readonly number[] } & Cut)
  | { readonly kind: 'given'; readonly member: number; readonly partitions: readonly number[] }
  | ({ readonly kind: 'log' } & Cut)
  | { readonly kind: 'rebuild' };
type Cut = { readonly length: number; readonly again: number };

const cut = { length: fc.integer({ min: 1, max: 120 }), again: fc.integer({ min: 0, max: 60 }) };
const some = fc.subarray(all, { minLength: 1 });
const member = fc.integer({ min: 0, max: 1 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('feed' as const), member, partitions: some, ...cut }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('two feed' as const), partitions: some, ...cut }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('given' as const), member, partitions: some }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('log' as const), ...cut }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('rebuild' as const) }) },
);

/** Checks that no reader of these rows sees older ones later. */
async function rebuildOnce(projection: RunnableProjection, feed: EventFeed): Promise<void> {
  await ensureSchema(db, projection);
  const [before] = await db.query<{ position: string }>(
    `select greatest(position, (select max(position) from projection.partition_checkpoint where name = $1)) as position
     from projection.checkpoint where name = $1`,
    [projection.name],
  );
  await rebuild(projection, { db, history: feed, metrics: noProjectionMetrics });
  const after = (await projectionPositions(db)).find(({ name }) => name === projection.name);
  expect(after?.position).toBeGreaterThanOrEqual(Number(before?.position));
}

async function reset(): Promise<void> {
  const schemas = ['projection', ...byStream.flatMap(({ name }) => [name, `${name}_next`, `${name}_old`])];
  await db.query(`drop schema if exists ${schemas.join(', ')} cascade`);
  await ensureOwnTables(db);
}

async function dumped(name: string): Promise<readonly string[]> {
  const lines: string[] = [];
  expect(await dump(db, name, (line) => lines.push(line))).toBe(eventCount);
  return lines;
}

describe('a projection ordered by stream', () => {
  it('has the same rows whether the log feeds it, or partitions do, in whatever turns and however often', async () => {
    const shape = {
      seed: fc.integer({ min: 1, max: 1_000_000 }),
      steps: fc.array(step, { minLength: 6, maxLength: 24 }),
    };
    await fc.assert(
      fc.asyncProperty(fc.record(shape), async ({ seed, steps }) => {
        const store = new MemoryEventStore(new MemoryLog(), new FakeClock());
        await new GeneratedHistory({ seed, accounts: 9, liveCalls: 20 }).appendTo(store, eventCount);
        const feed = new EventFeed(store, new FakeClock(), () => undefined);
        const events = await feed.read(position(0), eventCount);
        await reset();
        for (const projection of byStream) await feedFromLog(projection, events, eventCount, 0);
        const expected = await Promise.all(byStream.map(({ name }) => dumped(name)));
        await reset();
        await Promise.all(
          byStream.map(async (projection) => {
            const [one, other] = [new Member(projection, events), new Member(projection, events)];
            for (const each of steps) {
              if (each.kind === 'feed') await [one, other][each.member]?.feed(each.partitions, each.length, each.again);
              else if (each.kind === 'given') await [one, other][each.member]?.given(each.partitions);
              else if (each.kind === 'log') await feedFromLog(projection, events, each.length, each.again);
              else if (each.kind === 'rebuild') await rebuildOnce(projection, feed);
              else await Promise.all([one, other].map((both) => both.feed(each.partitions, each.length, each.again)));
            }
            await one.given(all);
            for (let turn = 0; turn < 2; turn += 1) await one.feed(all, eventCount, 0);
          }),
        );
        expect(await Promise.all(byStream.map(({ name }) => dumped(name)))).toEqual(expected);
        for (const { name, position: reached } of await projectionPositions(db))
          expect({ name, reached }).toEqual({ name, reached: eventCount });
      }),
      { numRuns: 8, endOnFailure: true },
    );
  }, 120_000);
});
