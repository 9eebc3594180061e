import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import { MemoryEventStore, MemoryLog } from '@ringfence/event-store-memory/memory-event-store';
import { position, streamVersion, type Position } from '@ringfence/kernel/units';
import { FakeClock } from '@ringfence/testing/fake-clock';
import { GeneratedHistory } from '@ringfence/testing/generated-history';
import { EventFeed, ringEvents } from './event-feed.js';

let store: CountingStore;
let clock: FakeClock;
let history: GeneratedHistory;
let failures: unknown[];
let feed: EventFeed;
let stopping: AbortController;
let following: Promise<void>;

beforeEach(() => {
  store = new CountingStore(new MemoryLog());
  clock = new FakeClock();
  history = new GeneratedHistory();
  failures = [];
  feed = new EventFeed(store, clock, (failure) => failures.push(failure));
  stopping = new AbortController();
  following = Promise.resolve();
});
afterEach(async () => {
  stopping.abort();
  await following;
});

describe('the feed', () => {
  it('hands every event to every subscriber, in order and without a gap, wherever each begins', async () => {
    await history.appendTo(store, 3_500);
    run();
    const readers = [0, 1, 999, 1_000, 2_345, 3_500].map((from) => positionsUntil(position(from), 6_000));
    for (let round = 0; round < 10; round += 1) await history.appendTo(store, 250);
    for (const [index, from] of [0, 1, 999, 1_000, 2_345, 3_500].entries()) {
      const expected = Array.from({ length: 6_000 - from }, (_, at) => from + at);
      expect(await readers[index]).toEqual(expected);
    }
  });

  it('reads the log once for all who keep up', async () => {
    run();
    await heartbeat();
    const readers = [1, 2, 3, 4].map(() => positionsUntil(position(0), 4_000));
    await heartbeat();
    store.pages = 0;
    for (let round = 0; round < 4; round += 1) await history.appendTo(store, 1_000);
    await Promise.all(readers);
    expect(store.pages).toBe(0);
  });

  it('is not held up by a subscriber that takes its time; that one reads by itself and joins again', async () => {
    run();
    const slow = feed.subscribe(position(0), stopping.signal)[Symbol.asyncIterator]();
    await history.appendTo(store, 100);
    const seen = [...(await nextEvents(slow))];
    await history.appendTo(store, ringEvents + 3_000);
    expect((await positionsUntil(position(100), ringEvents + 3_100)).length).toBe(ringEvents + 3_000);
    store.pages = 0;
    while (seen.length < ringEvents + 3_100) seen.push(...(await nextEvents(slow)));
    expect(seen.map((event) => event.position)).toEqual(seen.map((_, at) => at));
    expect(store.pages).toBeGreaterThan(0);
  });

  it('passes heartbeats on to who has seen everything', async () => {
    await history.appendTo(store, 10);
    run();
    const batches: number[] = [];
    for await (const batch of feed.subscribe(position(0), stopping.signal)) {
      batches.push(batch.length);
      if (batches.length === 3) break;
    }
    expect(batches).toEqual([10, 0, 0]);
  });

  it('states with a heartbeat the moment at which the log was asked, however long the answer took', async () => {
    let answer: () => void = () => undefined;
    store.subscribe = async function* () {
      await new Promise<void>((resolve) => (answer = resolve));
      yield [];
    };
    const askedAtMs = clock.now();
    run();
    const begun = feed.subscribe(position(0), stopping.signal)[Symbol.asyncIterator]();
    const next = begun.next();
    while (feed.seenAllAtMs() === undefined) {
      await new Promise(setImmediate);
      clock.advance(3_000);
      answer();
    }

    expect(await next).toEqual({ done: false, value: [] });
    expect(feed.seenAllAtMs()).toBe(askedAtMs);
  });

  it('stops everybody before an event that it cannot read, and says so', async () => {
    await history.appendTo(store, 5);
    run();
    const reading = positionsUntil(position(0), 7);
    await heartbeat();
    const unknown = { type: 'ringfence.call.teleported.v1', subject: 'x', bytes: Buffer.from('{}') };
    const stream = 'acc_7ZZZZZZZZZZZZZZZZZZZZZZZZZ' as never;
    await store.append({
      appends: [{ stream, expectedVersion: streamVersion(0), events: [unknown], nextDueMs: null }],
      unchanged: [],
      outcomes: [],
      fences: [],
    });
    await history.appendTo(store, 5);
    await expect(reading).rejects.toMatchObject({ code: 'event_malformed' });
    expect(failures).toMatchObject([{ code: 'event_malformed' }]);
    await expect(positionsUntil(position(0), 7)).rejects.toMatchObject({ code: 'event_malformed' });
  });
});

/** Counts the pages that are read beside the one subscription. */
class CountingStore extends MemoryEventStore {
  pages = 0;
  readonly #uncounted: MemoryEventStore;

  constructor(log: MemoryLog) {
    super(log, new FakeClock());
    this.#uncounted = new MemoryEventStore(log, new FakeClock());
  }

  override readAll(...asked: Parameters<MemoryEventStore['readAll']>): ReturnType<MemoryEventStore['readAll']> {
    this.pages += 1;
    return super.readAll(...asked);
  }

  override subscribe(...asked: Parameters<MemoryEventStore['subscribe']>): ReturnType<MemoryEventStore['subscribe']> {
    return this.#uncounted.subscribe(...asked);
  }
}

function run(): void {
  following = feed.run(stopping.signal);
}

async function heartbeat(): Promise<void> {
  for await (const batch of feed.subscribe(await store.head(), stopping.signal)) if (batch.length === 0) return;
}

async function positionsUntil(from: Position, end: number): Promise<readonly Position[]> {
  const positions: Position[] = [];
  if (from >= end) return positions;
  for await (const batch of feed.subscribe(from, stopping.signal)) {
    for (const event of batch) if (event.position < end) positions.push(event.position);
    if (positions.length === end - from) break;
  }
  return positions;
}

async function nextEvents(
  of: AsyncIterator<readonly RecordedEnvelope[], unknown>,
): Promise<readonly RecordedEnvelope[]> {
  for (;;) {
    const next = await of.next();
    if (next.done === true) throw new Error('the subscription ended');
    if (next.value.length > 0) return next.value;
  }
}
