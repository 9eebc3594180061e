import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { CommandId, StreamId } from '@ringfence/kernel/ids';
import { laneOf, type Lane } from '@ringfence/kernel/lane';
import { epochMs, streamVersion } from '@ringfence/kernel/units';
import {
  type AppendBatch,
  type EventStore,
  type EventToAppend,
  eventBytesMax,
  type RecordedEvent,
} from './event-store.js';

/** One log, and as many stores over it as are asked for: each stands for a process of its own. */
export type StoreUnderTest = {
  open(): Promise<EventStore>;
  /** Breaks every connection that the stores have, as a restart of the server does. */
  breakConnections(): Promise<void>;
  close(): Promise<void>;
};

const laneCount = 4;
const lanes = Array.from({ length: laneCount }, (_, lane) => lane as Lane);
let made = 0;
/** Streams that nobody used before, so that tests share one log. */
const stream = () => `acc_${String((made += 1)).padStart(26, '0')}` as StreamId;
const command = (name: string) => `${name}-${String((made += 1))}` as CommandId;
const event = (text: string, subject = 'cs_1'): EventToAppend => ({
  type: 'ringfence.test.happened.v1',
  subject,
  bytes: Buffer.from(text),
});
const textOf = ({ bytes }: RecordedEvent) => Buffer.from(bytes).toString();

function batch(change: Partial<AppendBatch>): AppendBatch {
  return { appends: [], unchanged: [], outcomes: [], fences: [], ...change };
}
function append(name: StreamId, expected: number, ...texts: string[]) {
  return {
    stream: name,
    expectedVersion: streamVersion(expected),
    events: texts.map((text) => event(text)),
    nextDueMs: null,
  };
}

/** What every adapter must do. */
export function eventStoreContract(name: string, prepare: () => Promise<StoreUnderTest>): void {
  describe(`${name} as an event store`, () => {
    let under: StoreUnderTest;
    const opened: EventStore[] = [];
    const open = async () => {
      const store = await under.open();
      opened.push(store);
      return store;
    };
    beforeAll(async () => {
      under = await prepare();
    });
    afterEach(async () => {
      for (const store of opened.splice(0)) await store.close();
    });
    afterAll(async () => {
      await under.close();
    });

    it('appends to several streams at once, with dense positions and gapless versions', async () => {
      const store = await open();
      const [one, other] = [stream(), stream()];
      const { first, head } = await store.append(batch({ appends: [append(one, 0, 'a', 'b'), append(other, 0, 'c')] }));
      expect(head).toBe(first + 3);
      const read = await store.readAll(first, 10);
      expect(read.map((found) => [found.position - first, found.stream, found.version, textOf(found)])).toEqual([
        [0, one, 1, 'a'],
        [1, one, 2, 'b'],
        [2, other, 1, 'c'],
      ]);
      expect((await store.readStream(one, streamVersion(2), 10)).map(textOf)).toEqual(['b']);
    });

    it('writes nothing of a batch when one of its streams is not where it was expected', async () => {
      const store = await open();
      const [one, other] = [stream(), stream()];
      await store.append(batch({ appends: [append(other, 0, 'x')] }));
      const before = await store.head();
      const kept = {
        stream: one,
        commandId: command('c'),
        fingerprint: Buffer.from('f'),
        accepted: true,
        body: Buffer.from('{}'),
      };
      const wrong = batch({
        appends: [append(one, 0, 'a'), append(other, 0, 'y')],
        outcomes: [{ ...kept, lastEvent: 0 }],
      });
      await expect(store.append(wrong)).rejects.toMatchObject({ code: 'event_store_conflict', retryable: false });
      expect(await store.head()).toBe(before);
      expect(await store.findOutcomes([kept])).toEqual([]);
    });

    it('refuses a batch when a stream that had to be unchanged has moved', async () => {
      const store = await open();
      const [one, platform] = [stream(), stream()];
      await store.append(batch({ appends: [append(platform, 0, 'deck')] }));
      const unchanged = [{ stream: platform, version: streamVersion(0) }];
      await expect(store.append(batch({ appends: [append(one, 0, 'a')], unchanged }))).rejects.toMatchObject({
        code: 'stream_changed',
        retryable: true,
      });
      const right = [{ stream: platform, version: streamVersion(1) }];
      await store.append(batch({ appends: [append(one, 0, 'a')], unchanged: right }));
      expect(await store.readStream(one, streamVersion(1), 10)).toHaveLength(1);
    });

    it('shuts out an owner whose lane was taken, for writing and for reading', async () => {
      const [old, fresh] = [await open(), await open()];
      const one = stream();
      const mine = [laneOf(one, laneCount)];
      const before = await old.takeLanes(mine, 'old');
      await old.append(batch({ appends: [append(one, 0, 'a')], fences: before }));
      expect(await old.fencedRead(before)).toBe(await fresh.head());
      const after = await fresh.takeLanes(mine, 'fresh');
      expect(after[0]?.epoch).toBe((before[0]?.epoch ?? 0) + 1);
      const late = batch({ appends: [append(one, 1, 'b')], fences: before });
      await expect(old.append(late)).rejects.toMatchObject({ code: 'lane_lease_lost', retryable: false });
      await expect(old.fencedRead(before)).rejects.toMatchObject({ code: 'lane_lease_lost' });
      await fresh.append(batch({ appends: [append(one, 1, 'c')], fences: after }));
      expect((await fresh.readStream(one, streamVersion(1), 10)).map(textOf)).toEqual(['a', 'c']);
    });

    it('keeps outcomes under stream and command id, once', async () => {
      const store = await open();
      const one = stream();
      const accepted = {
        stream: one,
        commandId: command('yes'),
        fingerprint: Buffer.from('f1'),
        accepted: true,
        body: Buffer.from('{"a":1}'),
      };
      const refused = {
        stream: one,
        commandId: command('no'),
        fingerprint: Buffer.from(''),
        accepted: false,
        body: Buffer.from('{}'),
      };
      const { first, head } = await store.append(
        batch({
          appends: [append(one, 0, 'a', 'b')],
          outcomes: [
            { ...accepted, lastEvent: 1 },
            { ...refused, lastEvent: -1 },
          ],
        }),
      );
      const found = await store.findOutcomes([accepted, refused, { stream: one, commandId: command('unknown') }]);
      const plain = found.map((outcome) => ({
        ...outcome,
        fingerprint: Buffer.from(outcome.fingerprint).toString(),
        body: Buffer.from(outcome.body).toString(),
      }));
      expect(plain).toHaveLength(2);
      expect(plain).toContainEqual({ ...accepted, fingerprint: 'f1', body: '{"a":1}', position: first + 1 });
      expect(plain).toContainEqual({ ...refused, fingerprint: '', body: '{}', position: head });
      const again = batch({ appends: [append(one, 2, 'c')], outcomes: [{ ...accepted, lastEvent: 0 }] });
      await expect(store.append(again)).rejects.toMatchObject({ code: 'outcome_already_kept' });
      expect(await store.head()).toBe(head);
    });

    it('lets no reader skip or repeat while many write', async () => {
      const [reader, ...writers] = await Promise.all(Array.from({ length: 5 }, open));
      if (reader === undefined) throw new Error('no reader');
      const from = await reader.head();
      const [perWriter, events] = [40, 3];
      const total = writers.length * perWriter * events;
      const stop = new AbortController();
      const seen: number[] = [];
      const reading = (async () => {
        for await (const read of reader.subscribe(from, stop.signal)) {
          seen.push(...read.map((found) => found.position));
          if (seen.length >= total) stop.abort();
        }
      })();
      await Promise.all(
        writers.map(async (writer) => {
          const own = stream();
          for (let round = 0; round < perWriter; round += 1) {
            const texts = Array.from({ length: events }, (_, index) => `${String(round)}/${String(index)}`);
            await writer.append(batch({ appends: [append(own, round * events, ...texts)] }));
          }
        }),
      );
      await reading;
      expect(seen).toEqual(Array.from({ length: total }, (_, index) => from + index));
    }, 60_000);

    it('goes on with a subscription when its connections break', async () => {
      const store = await open();
      const one = stream();
      const from = await store.head();
      const stop = new AbortController();
      const seen: string[] = [];
      let broken = false;
      for await (const read of store.subscribe(from, stop.signal)) {
        seen.push(...read.map(textOf));
        if (seen.length === 0 && read.length === 0) await store.append(batch({ appends: [append(one, 0, 'before')] }));
        if (seen.length === 1 && !broken) {
          broken = true;
          await under.breakConnections();
          const other = await open();
          await other.append(batch({ appends: [append(one, 1, 'after')] }));
        }
        if (seen.length === 2) stop.abort();
      }
      expect(seen).toEqual(['before', 'after']);
    }, 30_000);

    it('tells a subscriber that nothing is missing while nothing comes', async () => {
      const store = await open();
      const stop = new AbortController();
      let heartbeats = 0;
      for await (const read of store.subscribe(await store.head(), stop.signal)) {
        expect(read).toEqual([]);
        heartbeats += 1;
        if (heartbeats === 3) stop.abort();
      }
      expect(heartbeats).toBe(3);
    });

    it('names the streams that time will act on, earliest first', async () => {
      const store = await open();
      const [late, soon, never] = [stream(), stream(), stream()];
      const due = (name: StreamId, nextDueMs: number | null) => ({
        ...append(name, 0, 'x'),
        nextDueMs: nextDueMs === null ? null : epochMs(nextDueMs),
      });
      await store.append(batch({ appends: [due(late, 20), due(soon, 10), due(never, null)] }));
      const found = await store.dueStreams(laneCount, lanes, epochMs(20), 10);
      expect(found).toEqual([
        { stream: soon, nextDueMs: 10 },
        { stream: late, nextDueMs: 20 },
      ]);
      expect(await store.dueStreams(laneCount, lanes, epochMs(15), 10)).toHaveLength(1);
      const others = lanes.filter((lane) => lane !== laneOf(soon, laneCount) && lane !== laneOf(late, laneCount));
      expect(await store.dueStreams(laneCount, others, epochMs(20), 10)).toEqual([]);
      await store.append(
        batch({
          appends: [
            { ...append(soon, 1, 'y'), nextDueMs: null },
            { ...append(late, 1, 'y'), nextDueMs: null },
          ],
        }),
      );
      expect(await store.dueStreams(laneCount, lanes, epochMs(20), 10)).toEqual([]);
    });

    it('gives back a snapshot of the same evolve version only, and the newest', async () => {
      const store = await open();
      const one = stream();
      const snapshot = (version: number, text: string) => ({
        stream: one,
        version: streamVersion(version),
        evolveVersion: 1,
        pieces: [Buffer.from(text), Buffer.from('end')],
      });
      await store.saveSnapshot(snapshot(7, 'seven'));
      await store.saveSnapshot(snapshot(3, 'three'));
      const found = await store.loadSnapshot(one, 1);
      expect(found?.version).toBe(7);
      expect(found?.pieces.map((piece) => Buffer.from(piece).toString())).toEqual(['seven', 'end']);
      expect(await store.loadSnapshot(one, 2)).toBeUndefined();
    });

    it('keeps blobs under their hash, and finds events by subject', async () => {
      const store = await open();
      const sha256 = await store.putBlob(Buffer.from('rows'));
      expect(sha256).toBe('bc51e9e65d79e1c90ba544ab2eae1044ccdf8c1af7a559ba375cba4276f7d99e');
      expect(Buffer.from((await store.getBlob(sha256)) ?? []).toString()).toBe('rows');
      expect(await store.getBlob('00')).toBeUndefined();
      const one = stream();
      const subject = `cs_${one}`;
      await store.append(
        batch({
          appends: [{ ...append(one, 0, 'a'), events: [event('a', subject), event('b'), event('c', subject)] }],
        }),
      );
      expect((await store.readSubject(subject, 10)).map(textOf)).toEqual(['a', 'c']);
    });

    it('refuses what is too large before anything is written', async () => {
      const store = await open();
      const before = await store.head();
      const one = stream();
      const large = { ...append(one, 0), events: [{ ...event(''), bytes: Buffer.alloc(eventBytesMax + 1) }] };
      await expect(store.append(batch({ appends: [large] }))).rejects.toMatchObject({ code: 'event_too_large' });
      const many = { ...append(one, 0), events: Array.from({ length: 4_097 }, () => event('x')) };
      await expect(store.append(batch({ appends: [many] }))).rejects.toMatchObject({ code: 'batch_too_large' });
      await expect(store.append(batch({ appends: [append(one, 0, 'a'), append(one, 1, 'b')] }))).rejects.toMatchObject({
        code: 'batch_invalid',
      });
      expect(await store.head()).toBe(before);
    });
  });
}
