import type { EventStore } from '@ringfence/ports/log/event-store';
import { PostgresEventStore } from '@ringfence/event-store-postgres/postgres-event-store';
import type { StreamId } from '@ringfence/kernel/ids';
import { position, streamVersion } from '@ringfence/kernel/units';
import { openPool } from '@ringfence/sql-postgres/pool';
import { openScratchDatabase } from '@ringfence/sql-postgres/scratch-database';
import { randomBytes } from 'node:crypto';
import type { Pool } from 'pg';
import { ulid } from 'ulid';
import { type Bench, type BenchRow, median, rounds } from './bench.js';
import { openEmmett } from './emmett.js';
import { type Comparison, comparisonRows, EmmettComparison } from './emmett-comparison.js';

const eventBytes = 400;
const secondsEach = 2;
const batchSizes = [64, 256] as const;
const writerCounts = [1, 4, 16] as const;
const readPage = 2_000;
const readRatePerSecondGoal = 100_000;
const ratioGoal = 0.8;
const type = 'ringfence.call.placed.v1';

type Writer = (round: number) => Promise<void>;
type Pair = { readonly batch: number; readonly writers: number; readonly port: number; readonly bare: number };

/**
 * Appends through the port, compared with a bare batch of the same rows into the same tables; reads of the whole log;
 * both beside emmett.
 */
export const eventStoreBench: Bench = {
  name: 'event-store',
  title: 'The event store: 400-byte events, and placed calls beside emmett, durable commits',
  run: async (progress) => {
    const scratch = await openScratchDatabase({ durable: true });
    const pool = openPool(scratch.url, { connectionsMax: 20 });
    const store = await PostgresEventStore.open(pool);
    try {
      const pairs: Pair[] = [];
      const reads: number[] = [];
      for (let round = 1; round <= rounds; round += 1) {
        for (const batch of batchSizes) {
          for (const writers of writerCounts) {
            const bare = await perSecond(writers, batch, () => bareWriter(pool, batch));
            const port = await perSecond(writers, batch, () => portWriter(store, batch));
            pairs.push({ batch, writers, port, bare });
            progress(
              `round ${String(round)}: ${String(writers)} × ${String(batch)}: port ${figure(port)}, bare ${figure(bare)}`,
            );
          }
        }
        reads.push(await readAll(store));
        progress(`round ${String(round)}: reading ${figure(reads.at(-1) ?? 0)}`);
      }
      const compared = await besideEmmett(progress);
      const rows = [...rowsOf(pairs, reads), ...comparisonRows(compared)];
      return { rows, details: { pairs, reads, compared } };
    } finally {
      await store.close();
      await pool.end();
      await scratch.close();
    }
  },
};

/** Both stores in a database of their own. */
async function besideEmmett(progress: (line: string) => void): Promise<readonly Comparison[]> {
  const scratch = await openScratchDatabase({ durable: true });
  const pool = openPool(scratch.url, { connectionsMax: 20 });
  const store = await PostgresEventStore.open(pool);
  const emmett = await openEmmett(scratch.url);
  try {
    const comparison = new EmmettComparison(store, emmett);
    const compared: Comparison[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      const found = await comparison.round();
      compared.push(...found);
      for (const { what, port, emmett: beside } of found)
        progress(
          `round ${String(round)}: ${what}: ${figure(port.perSecond)}, emmett ${figure(beside?.perSecond ?? Number.NaN)}`,
        );
    }
    return compared;
  } finally {
    await emmett?.close();
    await store.close();
    await pool.end();
    await scratch.close();
  }
}

/** Events per second that so many writers append concurrently. */
async function perSecond(writers: number, batch: number, make: () => Writer): Promise<number> {
  const began = performance.now();
  const until = began + secondsEach * 1_000;
  const counts = await Promise.all(
    Array.from({ length: writers }, async () => {
      const write = make();
      let round = 0;
      for (; performance.now() < until; round += 1) await write(round);
      return round * batch;
    }),
  );
  return (counts.reduce((sum, count) => sum + count, 0) * 1_000) / (performance.now() - began);
}

function portWriter(store: EventStore, batch: number): Writer {
  const stream = `acc_${ulid()}` as StreamId;
  const bytes = eventOf(eventBytes);
  const events = Array.from({ length: batch }, () => ({ type, subject: stream, bytes }));
  return async (round) => {
    const append = { stream, expectedVersion: streamVersion(round * batch), events, nextDueMs: null };
    await store.append({ appends: [append], unchanged: [], outcomes: [], fences: [] });
  };
}

function bareWriter(pool: Pool, batch: number): Writer {
  const stream = `acc_${ulid()}`;
  const bytes = eventOf(eventBytes);
  const all = Array.from({ length: batch }, () => bytes);
  const versions = (round: number) => Array.from({ length: batch }, (_, index) => round * batch + index + 1);
  return async (round) => {
    await pool.query({ name: 'bare', text: bareSql, values: [stream, versions(round), all, batch, type] });
  };
}

const bareSql = `with head as (update log.head set next = next + $4 returning next - $4 as first),
  streamed as (insert into log.stream (stream, version) values ($1, $4)
    on conflict (stream) do update set version = log.stream.version + excluded.version)
  insert into log.event (position, stream, version, type, subject, bytes)
  select first + ordinal - 1, $1, version, $5, $1, bytes
  from head, unnest($2::integer[], $3::bytea[]) with ordinality as event (version, bytes, ordinal)`;

/** Events read per second; checks that none is missing. */
async function readAll(store: EventStore): Promise<number> {
  const head = await store.head();
  const began = performance.now();
  let next = 0;
  while (next < head) {
    const page = await store.readAll(position(next), readPage);
    for (const event of page) {
      if (event.position !== next || event.bytes.length !== eventBytes)
        throw new Error(`the log has a gap at ${String(next)}`);
      next += 1;
    }
  }
  return (head * 1_000) / (performance.now() - began);
}

function rowsOf(pairs: readonly Pair[], reads: readonly number[]): readonly BenchRow[] {
  const appends = batchSizes.flatMap((batch) =>
    writerCounts.map((writers): BenchRow => {
      const same = pairs.filter((pair) => pair.batch === batch && pair.writers === writers);
      const ratio = median(same.map(({ port, bare }) => port / bare));
      const [port, bare] = [median(same.map((pair) => pair.port)), median(same.map((pair) => pair.bare))];
      return {
        what: `append, batches of ${String(batch)}, ${String(writers)} writers`,
        figure: `${figure(port)}, bare ${figure(bare)}: ${(100 * ratio).toFixed(0)} %`,
        goal: '≥ 80 %',
        met: ratio >= ratioGoal,
      };
    }),
  );
  const read = median(reads);
  return [
    ...appends,
    { what: 'reading the log', figure: figure(read), goal: '≥ 100,000/s', met: read >= readRatePerSecondGoal },
  ];
}

function figure(perSecondValue: number): string {
  return `${Math.round(perSecondValue).toLocaleString('en-US')}/s`;
}

/** Bytes as an event has them: text, much of it ciphertexts as base64url, which does not compress. */
function eventOf(length: number): Buffer {
  return Buffer.from(randomBytes(length).toString('base64url').slice(0, length));
}
