import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { platformStream, type StreamId } from '@ringfence/kernel/ids';
import { position, streamVersion, type Position } from '@ringfence/kernel/units';
import type { EventStore, EventToAppend, LaneFence, RecordedEvent } from './event-store.js';
import { type LogSegments, pagePositions } from './log-segments.js';
import { account, allLanes, batchOf } from './sample-batches.js';

type SegmentedLog = { readonly store: EventStore; readonly segments: LogSegments };

/** One log, and as many stores over it as a test asks for. */
type LogUnderTest = {
  readonly open: () => Promise<SegmentedLog>;
  /** Empties the log. */
  readonly clear: () => Promise<void>;
  readonly close: () => Promise<void>;
};

const omitted = ['ringfence.test.common.v1', 'ringfence.test.frequent.v1'];
const quiet = account(9);
const streams = [account(1), account(2), platformStream, quiet] as const;
/** Versions from which a stream is read, and how many events at most. */
const spans = [
  [1, 10_000],
  [0, 3],
  [5, 1],
  [21, 400],
  [190, 10],
] as const;
const total = pagePositions * 5 + 40;

/** Runs the contract of segments, inside a spec of each adapter: every answer of the log is that of a log of rows. */
export function logSegmentsContract(name: string, openLog: () => Promise<LogUnderTest>): void {
  describe(`the segments of the log: ${name}`, () => {
    let log: LogUnderTest;
    let store: EventStore;
    let segments: LogSegments;
    let fences: readonly LaneFence[];
    const opened: EventStore[] = [];

    beforeAll(async () => {
      log = await openLog();
    });
    beforeEach(async () => {
      await log.clear();
      ({ store, segments } = await log.open());
      opened.push(store);
      fences = await store.takeLanes(allLanes, 'test');
    });
    afterEach(async () => {
      for (const one of opened.splice(0)) await one.close();
    });
    afterAll(() => log.close());

    const written = () => writeSample(store, fences);
    const move = (hotEvents: number, pages = 1) => segments.moveCold({ hotEvents, pages });

    it.each([
      ['one page at a time', [1, 1, 1, 1, 1]],
      ['several pages at a time', [2, 3]],
    ])(
      'answer every question as rows did, wherever the seam is: %s',
      async (_how, counts) => {
        const expected = await written();
        let moved = 0;
        for (const pages of counts) {
          moved += pages;
          expect(await move(0, pages)).toMatchObject({ outcome: 'moved', next: moved * pagePositions });
          await expectAnswers(store, expected);
        }
        expect(await move(0)).toEqual({ outcome: 'nothing_cold', next: 5 * pagePositions, coldEvents: 0 });
      },
      60_000,
    );

    it('hold bytes of any kind unchanged, and give each reader bytes of his own', async () => {
      const odd = [Uint8Array.from([0, 10, 255, 92, 128, 32]), Buffer.alloc(32_768, 10), Buffer.alloc(0)];
      const bytesAt = (index: number) => odd[index % odd.length] ?? Buffer.alloc(0);
      const events = Array.from({ length: pagePositions }, (_, index) => ({ ...typed(index), bytes: bytesAt(index) }));
      await store.append({ ...batchOf(fences, []), ...appending(account(1), 0, events, fences) });
      await move(0);
      const [first] = await store.readAll(position(0), 1);
      first?.bytes.fill(7);
      const found = await store.readAll(position(0), pagePositions);
      expect(found.map(({ bytes }) => Buffer.from(bytes).toString('hex'))).toEqual(
        events.map(({ bytes }) => Buffer.from(bytes).toString('hex')),
      );
      const [alone] = await store.readAt([position(0)]);
      alone?.bytes.fill(7);
      const [again] = await store.readAt([position(0)]);
      expect(Buffer.from(again?.bytes ?? []).equals(Buffer.from(bytesAt(0)))).toBe(true);
    });

    it('take whole pages alone, as many at a time as was said, and leave the newest events rows', async () => {
      await written();
      expect(await move(total)).toEqual({ outcome: 'nothing_cold', next: 0, coldEvents: 0 });
      expect(await move(41, 2)).toEqual({ outcome: 'moved', next: 2 * pagePositions, coldEvents: 2 * pagePositions });
      expect(await move(41, 3)).toMatchObject({ outcome: 'nothing_cold', coldEvents: 2 * pagePositions });
      expect(await move(41, 2)).toMatchObject({ outcome: 'moved', next: 4 * pagePositions });
      expect(await move(41)).toEqual({ outcome: 'nothing_cold', next: 4 * pagePositions, coldEvents: 0 });
      expect(await move(40)).toMatchObject({ outcome: 'moved', next: 5 * pagePositions, coldEvents: 0 });
      expect(await store.head()).toBe(total);
      expect(await store.fencedRead(fences)).toBe(total);
    });

    it('rest after each page when they are asked to', async () => {
      await written();
      let rests = 0;
      const afterPage = () => {
        rests += 1;
        return Promise.resolve();
      };
      await segments.moveCold({ hotEvents: 0, pages: 3, afterPage });
      expect(rests).toBe(3);
    });

    it('are written while others append and read: nobody sees a gap or an event twice', async () => {
      const other = await log.open();
      opened.push(other.store);
      const stop = new AbortController();
      const seen: Position[] = [];
      const following = (async () => {
        for await (const events of other.store.subscribe(position(0), stop.signal)) {
          seen.push(...events.map((event) => event.position));
          if (seen.length >= total * 2) return;
        }
      })();
      await written();
      let version = lastVersions.get(account(1)) ?? 0;
      const moving = (async () => {
        for (let next = 0; next < total * 2 - pagePositions;) ({ next } = await move(0));
      })();
      for (let appended = 0; appended < total; appended += 44, version += 44) {
        const events = Array.from({ length: 44 }, (_, index) => typed(appended + index));
        await store.append({ ...batchOf(fences, []), ...appending(account(1), version, events, fences) });
        const page = await other.store.readAll(position(appended), 700);
        expect(page.map((event) => event.position)).toEqual(page.map((_, index) => appended + index));
        expect(page.length).toBeGreaterThanOrEqual(700);
      }
      await Promise.all([moving, following]);
      stop.abort();
      expect(seen).toEqual(Array.from(seen, (_, at) => at));
    }, 60_000);

    it('can be moved by many at once: each page once', async () => {
      const expected = await written();
      const others = await Promise.all([log.open(), log.open(), log.open()]);
      opened.push(...others.map((each) => each.store));
      for (let next = 0; next < 5 * pagePositions;) {
        const outcomes = await Promise.all(
          [segments, ...others.map((each) => each.segments)].map((each) => each.moveCold({ hotEvents: 0, pages: 1 })),
        );
        next = Math.max(...outcomes.map((each) => each.next));
      }
      await expectAnswers(store, expected);
    });
  });
}

/** The version of each stream's last event after `writeSample`. */
const lastVersions = new Map<StreamId, number>();

/**
 * Appends events of several streams, types and subjects. One stream has its only events at the beginning, one type and
 * one subject occur rarely, and one page holds a single type.
 * @returns what a reader of the whole log gets
 */
async function writeSample(store: EventStore, fences: readonly LaneFence[]): Promise<readonly RecordedEvent[]> {
  lastVersions.clear();
  const expected: RecordedEvent[] = [];
  while (expected.length < total) {
    const stream = expected.length < 20 ? quiet : (streams[expected.length % 3] ?? quiet);
    const after = lastVersions.get(stream) ?? 0;
    const events = Array.from({ length: Math.min(20, total - expected.length) }, (_, index) =>
      typed(expected.length + index),
    );
    await store.append({ ...batchOf(fences, []), ...appending(stream, after, events, fences) });
    for (const [index, event] of events.entries()) {
      const version = streamVersion(after + index + 1);
      expected.push({ ...event, stream, version, position: position(expected.length) });
    }
    lastVersions.set(stream, after + events.length);
  }
  return expected;
}

function appending(stream: StreamId, after: number, events: readonly EventToAppend[], fences: readonly LaneFence[]) {
  const expectedVersion = streamVersion(after);
  return { appends: [{ stream, expectedVersion, events, nextDueMs: null }], fences };
}

function typed(at: number): EventToAppend {
  const inOnePage = at >= pagePositions * 2 && at < pagePositions * 3;
  const name = inOnePage ? 'common' : at % 301 === 7 ? 'rare' : at % 2 === 0 ? 'common' : 'frequent';
  const ulid = `01M8NPC${String(at % 90).padStart(19, '0')}`;
  const subject = at % 401 === 3 ? 'seldom' : `cs_${ulid}`;
  return { type: `ringfence.test.${name}.v1`, subject, bytes: Buffer.from(`{"n":${String(at)},"to":"${subject}"}\n`) };
}

/** Compares every kind of read, from many places, with the events that were appended. */
async function expectAnswers(store: EventStore, expected: readonly RecordedEvent[]): Promise<void> {
  const same = (found: readonly RecordedEvent[], wanted: readonly RecordedEvent[]) => {
    expect(found.map(comparable)).toEqual(wanted.map(comparable));
  };
  for (const [from, limit] of [
    [0, 10_000],
    [0, 1],
    [255, 2],
    [256, 256],
    [700, 300],
    [1_270, 50],
    [1_279, 5_000],
    [total, 5],
  ] as const) {
    same(await store.readAll(position(from), limit), expected.slice(from, from + limit));
    const looked = expected.slice(from, from + limit);
    const page = await store.readAllExcept(omitted, position(from), limit);
    expect(page.next).toBe(from + looked.length);
    same(
      page.events,
      looked.filter(({ type }) => !omitted.includes(type)),
    );
  }
  for (const stream of [...streams, account(7)]) {
    const own = expected.filter((event) => event.stream === stream);
    for (const [from, limit] of [...spans, [own.length, 5], [own.length + 1, 5]] as const) {
      const wanted = own.filter(({ version }) => version >= from).slice(0, limit);
      same(await store.readStream(stream, streamVersion(from), limit), wanted);
    }
    expect(await store.streamEnd(stream)).toBe((own.at(-1)?.position ?? -1) + 1);
  }
  const subjects = ['seldom', 'never', typed(10).subject, typed(89).subject];
  for (const limit of [1, 2, 10_000]) {
    const together = await Promise.all(subjects.map((subject) => store.readSubject(subject, limit)));
    for (const [at, subject] of subjects.entries()) {
      const about = expected.filter((event) => event.subject === subject).slice(0, limit);
      same(together[at] ?? [], about);
      same(await store.readSubject(subject, limit), about);
    }
  }
  const scattered = [total + 9, 3, 256, 255, 1_000, 1_279, 1_280, total - 1, 3].map((at) => position(at));
  same(
    await store.readAt(scattered),
    [3, 255, 256, 1_000, 1_279, 1_280, total - 1].flatMap((at) => expected[at] ?? []),
  );
}

function comparable({ bytes, ...rest }: RecordedEvent) {
  return { ...rest, text: Buffer.from(bytes).toString('latin1') };
}
