import { encodeEvent } from '@ringfence/event-catalog/event-codec';
import type { StreamId } from '@ringfence/kernel/ids';
import { position, streamVersion } from '@ringfence/kernel/units';
import type { EventStore, RecordedEvent } from '@ringfence/ports/log/event-store';
import { isDeepStrictEqual } from 'node:util';
import { ulid } from 'ulid';
import { type BenchRow, median } from './bench.js';
import type { EmmettStore } from './emmett.js';
import { placedEnvelope } from './placed-envelope.js';

const loneSeconds = 2;
const batchSeconds = 1;
const loneWriters = [16, 64] as const;
const batchSizes = [64, 256] as const;
const readPage = 2_000;
const type = 'ringfence.call.placed.v1';

/** A store as it is compared: appends one event to each of some streams, all of which have `after` events. */
type Compared = {
  readonly appendEach: (streams: readonly string[], after: number) => Promise<void>;
  /** The number of events that each of its streams must have. */
  readonly written: Map<string, number>;
};
/** `missed`, `repeated`: events that a reader of the whole log never got, or got twice. */
type Rate = { readonly perSecond: number; readonly missed?: number; readonly repeated?: number };
/** Figures of both stores in one round; `emmett` null: it is not there. */
export type Comparison = { readonly what: string; readonly port: Rate; readonly emmett: Rate | null };

/**
 * Compares the store with emmett's in one database: appends of one event, batches as the executor groups them, reading
 * the whole log. Events have the size of a CallPlaced.
 */
export class EmmettComparison {
  readonly #port: Compared;
  readonly #emmett: (Compared & { readonly store: EmmettStore }) | undefined;

  /** @param emmett undefined: our store is measured alone */
  constructor(
    private readonly store: EventStore,
    emmett: EmmettStore | undefined,
  ) {
    this.#port = { appendEach: (streams, after) => appendEach(store, streams, after), written: new Map() };
    this.#emmett = emmett && {
      store: emmett,
      // One call appends to one stream.
      appendEach: async (streams, after) => {
        await Promise.all(streams.map((stream) => emmett.append(stream, after, [eventOf(stream, after + 1)])));
      },
      written: new Map(),
    };
  }

  /** One round. @throws if an event is not where it was written */
  async round(): Promise<readonly Comparison[]> {
    const measured: Comparison[] = [];
    const append = async (what: string, streamsEach: number, writers: number, seconds: number) => {
      const measure = async (compared: Compared) => appendFor(seconds, compared, writers, streamsEach);
      const emmett = this.#emmett === undefined ? null : await measure(this.#emmett);
      measured.push({ what, emmett, port: await measure(this.#port) });
    };
    for (const writers of loneWriters)
      await append(`append alone, ${String(writers)} writers`, 1, writers, loneSeconds);
    for (const batch of batchSizes) await append(`append to ${String(batch)} streams`, batch, 1, batchSeconds);
    measured.push({
      what: 'reading a log of placed calls',
      port: await this.#readPort(),
      emmett: await this.#readEmmett(),
    });
    return measured;
  }

  async #readPort(): Promise<Rate> {
    const began = performance.now();
    const versions = new Map<string, number>();
    let count = 0;
    for await (const page of this.#pages()) {
      count += page.length;
      for (const { stream, version } of page) {
        if (version !== (versions.get(stream) ?? 0) + 1) throw new Error(`${stream} has a gap at ${String(version)}`);
        versions.set(stream, version);
      }
    }
    const rate = rateOf(count, began);
    if (!isDeepStrictEqual(versions, this.#port.written)) throw new Error('the log does not hold what was written');
    for await (const page of this.#pages())
      for (const { stream, version, bytes } of page)
        if (!bytesOf(stream, version).equals(bytes)) throw new Error(`${stream} has another event ${String(version)}`);
    return rate;
  }

  async *#pages(): AsyncIterable<readonly RecordedEvent[]> {
    for (let next = 0; ;) {
      const page = await this.store.readAll(position(next), readPage);
      if (page.length === 0) return;
      yield page;
      next += page.length;
    }
  }

  /** Checks the streams: events that a reader of the log does not get have to be there. */
  async #readEmmett(): Promise<Rate | null> {
    if (this.#emmett === undefined) return null;
    const { store, written } = this.#emmett;
    const began = performance.now();
    const seen = new Set<string>();
    let count = 0;
    for await (const page of store.readAll(readPage)) {
      count += page.length;
      for (const { stream, version } of page) seen.add(`${stream} ${String(version)}`);
    }
    const rate = rateOf(count, began);
    let total = 0;
    for (const [stream, expected] of written) {
      const events = await store.readStream(stream);
      const isWhole = events.every(
        ({ version, data }, at) => version === at + 1 && isDeepStrictEqual(data, eventOf(stream, version)),
      );
      if (events.length !== expected || !isWhole) throw new Error(`emmett: ${stream} is not as it was written`);
      total += expected;
    }
    return { ...rate, missed: total - seen.size, repeated: count - seen.size };
  }
}

/** Rows of all rounds; a ratio is that to emmett in the same round. */
export function comparisonRows(comparisons: readonly Comparison[]): readonly BenchRow[] {
  return [...new Set(comparisons.map(({ what }) => what))].map((what) => {
    const same = comparisons.filter((each) => each.what === what);
    const port = figure(median(same.map((each) => each.port.perSecond)));
    const beside = same.flatMap(({ port: ours, emmett }) => (emmett === null ? [] : [{ ours, emmett }]));
    if (beside.length === 0) return { what, figure: port, goal: '', met: null };
    const ratio = median(beside.map(({ ours, emmett }) => ours.perSecond / emmett.perSecond));
    const emmett = figure(median(beside.map((each) => each.emmett.perSecond)));
    const note = beside.some((each) => (each.emmett.missed ?? 0) > 0) ? ' (which leaves out events)' : '';
    return { what, figure: `${port}, emmett ${emmett}${note}: ${ratio.toFixed(2)} ×`, goal: '≥ 1 ×', met: ratio >= 1 };
  });
}

/** Each writer appends to streams of its own. */
async function appendFor(seconds: number, compared: Compared, writers: number, streamsEach: number): Promise<Rate> {
  const began = performance.now();
  const until = began + seconds * 1_000;
  const counts = await Promise.all(
    Array.from({ length: writers }, async () => {
      const streams = Array.from({ length: streamsEach }, () => `acc_${ulid()}`);
      let after = 0;
      for (; performance.now() < until; after += 1) await compared.appendEach(streams, after);
      for (const stream of streams) compared.written.set(stream, after);
      return after * streamsEach;
    }),
  );
  return rateOf(
    counts.reduce((sum, count) => sum + count, 0),
    began,
  );
}

async function appendEach(store: EventStore, streams: readonly string[], after: number): Promise<void> {
  const appends = streams.map((stream) => ({
    stream: stream as StreamId,
    expectedVersion: streamVersion(after),
    events: [{ type, subject: stream, bytes: bytesOf(stream, after + 1) }],
    nextDueMs: null,
  }));
  await store.append({ appends, unchanged: [], outcomes: [], fences: [] });
}

const template = JSON.parse(Buffer.from(encodeEvent(placedEnvelope(ulid()))).toString()) as object;

/** A placed call, different in each stream and version. */
function eventOf(stream: string, version: number): object {
  return { ...template, stream, version };
}

function bytesOf(stream: string, version: number): Buffer {
  return Buffer.from(JSON.stringify(eventOf(stream, version)));
}

function rateOf(count: number, began: number): Rate {
  return { perSecond: (count * 1_000) / (performance.now() - began) };
}

function figure(perSecondValue: number): string {
  return `${Math.round(perSecondValue).toLocaleString('en-US')}/s`;
}
