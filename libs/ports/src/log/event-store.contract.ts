import { beforeEach, describe, expect, it } from '@jest/globals';
import { Failure } from '@ringfence/kernel/failure';
import { platformStream } from '@ringfence/kernel/ids';
import { type Epoch, type Lane, laneOf } from '@ringfence/kernel/lane';
import { position, streamVersion, type EpochMs, type Position } from '@ringfence/kernel/units';
import { createHash } from 'node:crypto';
import {
  batchEventsMax,
  type DuePage,
  eventBytesMax,
  type EventStore,
  type LaneFence,
  type RecordedEvent,
} from './event-store.js';
import { account, allLanes, batchOf, command, event, fencesOf, laneCount, outcome, textOf } from './sample-batches.js';
import { type LogUnderTest, storesUnderTest } from './stores-under-test.contract.js';

/** Runs the contract of every adapter of the port, inside a spec of the adapter. */
export function eventStoreContract(name: string, openLog: () => Promise<LogUnderTest>): void {
  describe(`the event store: ${name}`, () => {
    let store: EventStore;
    let fences: readonly LaneFence[];
    const { another, begin, breakConnections } = storesUnderTest(openLog);

    beforeEach(async () => {
      ({ store, fences } = await begin());
    });

    const texts = async () =>
      (await store.readAll(position(0), 1_000)).map((found) => textOf(found).replace(/^\{"text":"(.*)"\}$/, '$1'));
    const append = (parts: Parameters<typeof batchOf>[1], rest: Parameters<typeof batchOf>[2] = {}) =>
      store.append(batchOf(fences, parts, rest));

    describe('an append', () => {
      it('writes to several streams densely, in order, and gives the bytes back as they were', async () => {
        const result = await append([
          { stream: account(1), after: 0, texts: ['a', 'b'] },
          { stream: platformStream, after: 0, texts: ['p'] },
        ]);
        expect(result).toEqual({ first: 0, head: 3 });
        const odd = { type: 'ringfence.test.odd.v1', subject: 'cs_9', bytes: Uint8Array.from([0, 255, 10, 92, 128]) };
        await store.append({
          ...batchOf(fences, []),
          appends: [{ stream: account(1), expectedVersion: streamVersion(2), events: [odd], nextDueMs: null }],
          fences: fencesOf(fences, [account(1)]),
        });
        const found = await store.readAll(position(0), 100);
        expect(found.map(({ position: at, stream, version }) => [at, stream, version])).toEqual([
          [0, account(1), 1],
          [1, account(1), 2],
          [2, platformStream, 1],
          [3, account(1), 3],
        ]);
        expect([...(found[3]?.bytes ?? [])]).toEqual([0, 255, 10, 92, 128]);
        expect(found[3]).toMatchObject({ type: odd.type, subject: odd.subject });
        expect(await store.head()).toBe(4);
      });

      it('writes nothing at all when one of its streams is not where it was expected', async () => {
        await append([{ stream: account(1), after: 0, texts: ['a'] }]);
        const conflicting = append(
          [
            { stream: account(2), after: 0, texts: ['b'] },
            { stream: account(1), after: 0, texts: ['c'] },
          ],
          { outcomes: [outcome(account(2), 'one', 0)] },
        );
        await expect(conflicting).rejects.toMatchObject({ code: 'event_store_conflict', retryable: false });
        expect(await texts()).toEqual(['a']);
        expect(await store.findOutcomes([{ stream: account(2), commandId: command('one') }])).toEqual([]);
        await expect(append([{ stream: account(2), after: 1, texts: ['d'] }])).rejects.toBeInstanceOf(Failure);
      });

      it('is turned down when a stream that had to be unchanged has moved', async () => {
        await append([{ stream: platformStream, after: 0, texts: ['deck'] }]);
        const acting = (version: number) =>
          append([{ stream: account(1), after: 0, texts: ['a'] }], {
            unchanged: [{ stream: platformStream, version: streamVersion(version) }],
          });
        await expect(acting(0)).rejects.toMatchObject({ code: 'stream_changed', retryable: true });
        await acting(1);
        expect(await texts()).toEqual(['deck', 'a']);
        const never = { unchanged: [{ stream: account(9), version: streamVersion(0) }] };
        await append([{ stream: account(1), after: 1, texts: ['b'] }], never);
      });

      it('can hold nothing but a refusal: the head stays, the outcome names it', async () => {
        await append([{ stream: account(1), after: 0, texts: ['a'] }]);
        const result = await append([], {
          outcomes: [outcome(account(1), 'no', -1)],
          fences: fencesOf(fences, [account(1)]),
        });
        expect(result).toEqual({ first: 1, head: 1 });
        const [kept] = await store.findOutcomes([{ stream: account(1), commandId: command('no') }]);
        expect(kept).toMatchObject({ accepted: false, position: 1 });
      });

      it('keeps an outcome under whatever a client called its command', async () => {
        const names = ['a"b', 'a\\b', '{a,b}', 'NULL', "a'b", ' a '];
        await append([{ stream: account(1), after: 0, texts: ['a'] }], {
          outcomes: names.map((name) => outcome(account(1), name, 0)),
        });
        for (const name of names) {
          const found = await store.findOutcomes([{ stream: account(1), commandId: command(name) }]);
          expect(found.map(({ commandId }) => commandId)).toEqual([name]);
        }
      });

      it('holds as much as its limits say, and not one more', async () => {
        const many = Array.from({ length: batchEventsMax }, (_, index) => `${index}`);
        await append([{ stream: account(1), after: 0, texts: many }]);
        expect(await store.head()).toBe(batchEventsMax);
        const tooMany = append([
          { stream: account(1), after: batchEventsMax, texts: many },
          { stream: account(2), after: 0, texts: ['x'] },
        ]);
        await expect(tooMany).rejects.toMatchObject({ code: 'batch_too_large', retryable: false });
        const sized = (length: number) => ({ ...event(''), bytes: Buffer.alloc(length, 'x') });
        const large = (length: number) =>
          append([], {
            appends: [
              { stream: account(3), expectedVersion: streamVersion(0), events: [sized(length)], nextDueMs: null },
            ],
            fences: fencesOf(fences, [account(3)]),
          });
        await expect(large(eventBytesMax + 1)).rejects.toMatchObject({ code: 'event_too_large', retryable: false });
        await large(eventBytesMax);
        expect(await store.head()).toBe(batchEventsMax + 1);
      });

      it('keeps bytes of its own: what the caller does to his buffer later changes nothing', async () => {
        const bytes = Buffer.from('{"n":1}');
        const events = [{ ...event(''), bytes }];
        await append([], {
          appends: [{ stream: account(1), expectedVersion: streamVersion(0), events, nextDueMs: null }],
          fences: fencesOf(fences, [account(1)]),
        });
        bytes.fill(0);
        const [first] = await store.readAll(position(0), 1);
        expect(textOf(first ?? event(''))).toBe('{"n":1}');
        first?.bytes.fill(0);
        const [again] = await store.readAll(position(0), 1);
        expect(textOf(again ?? event(''))).toBe('{"n":1}');
      });
    });

    describe('many writers and readers', () => {
      it('positions stay dense, streams gapless, and no reader ever skips one', async () => {
        const writers = 8;
        const appendsEach = 30;
        const stores = await Promise.all(Array.from({ length: writers }, another));
        const total = writers * appendsEach * 3;
        const reader = await another();
        const stop = new AbortController();
        const seen: RecordedEvent[] = [];
        const reading = (async () => {
          for await (const events of reader.subscribe(position(0), stop.signal)) {
            seen.push(...events);
            if (seen.length >= total) return;
          }
        })();
        const paging = pageUntil(stores[0] ?? store, total);
        await Promise.all(
          stores.map(async (one, writer) => {
            for (let turn = 0; turn < appendsEach; turn += 1) {
              const parts = [
                { stream: account(writer), after: turn * 2, texts: [`${writer}.${turn}.0`, `${writer}.${turn}.1`] },
                { stream: account(writer + 100), after: turn, texts: [`${writer}.${turn}.2`] },
              ];
              const { first, head } = await one.append(batchOf(fences, parts));
              expect(head).toBe(first + 3);
            }
          }),
        );
        await Promise.all([reading, paging]);
        stop.abort();
        expect(seen.map(({ position: at }) => at)).toEqual(Array.from({ length: total }, (_, at) => at));
        expect((await paging).map(textOf)).toEqual(seen.map(textOf));
        for (let writer = 0; writer < writers; writer += 1) {
          const versions = seen.filter(({ stream }) => stream === account(writer)).map(({ version }) => version);
          expect(versions).toEqual(Array.from({ length: appendsEach * 2 }, (_, at) => at + 1));
        }
      });

      it('of writers that expect the same version exactly one gets through', async () => {
        const stores = await Promise.all(Array.from({ length: 6 }, another));
        const results = await Promise.allSettled(
          stores.map((one, index) =>
            one.append(batchOf(fences, [{ stream: account(1), after: 0, texts: [`${index}`] }])),
          ),
        );
        expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
        expect(await store.head()).toBe(1);
      });
    });

    describe('reading', () => {
      it('gives a stream from any version, a subject in order, and never more than was asked for', async () => {
        const withSubjects = ['key_a', 'key_b', 'key_a', 'key_a'].map((subject, index) => event(`${index}`, subject));
        await append([], {
          appends: [{ stream: account(1), expectedVersion: streamVersion(0), events: withSubjects, nextDueMs: null }],
          fences: fencesOf(fences, [account(1)]),
        });
        await append([{ stream: account(2), after: 0, texts: ['other'] }]);
        const versions = (found: readonly RecordedEvent[]) => found.map(({ version }) => version);
        expect(versions(await store.readStream(account(1), streamVersion(2), 2))).toEqual([2, 3]);
        expect(versions(await store.readStream(account(1), streamVersion(0), 10))).toEqual([1, 2, 3, 4]);
        expect(versions(await store.readStream(account(1), streamVersion(5), 10))).toEqual([]);
        expect(await store.readStream(account(7), streamVersion(1), 10)).toEqual([]);
        expect([await store.streamEnd(account(1)), await store.streamEnd(account(2))]).toEqual([4, 5]);
        expect(await store.streamEnd(account(7))).toBe(0);
        const streams = [7, 2, 1, 7, 2].map(account);
        expect(await Promise.all(streams.map((stream) => store.streamEnd(stream)))).toEqual([0, 5, 4, 0, 5]);
        const scattered = [position(4), position(0), position(2), position(50)];
        expect((await store.readAt(scattered)).map(({ position: at }) => at)).toEqual([0, 2, 4]);
        expect(await store.readAt(scattered)).toEqual([
          ...(await store.readAll(position(0), 1)),
          ...(await store.readAll(position(2), 1)),
          ...(await store.readAll(position(4), 1)),
        ]);
        expect(await store.readAt([])).toEqual([]);
        expect((await store.readSubject('key_a', 2)).map(({ position: at }) => at)).toEqual([0, 2]);
        expect(await store.readSubject('key_z', 2)).toEqual([]);
        const asked = [
          ['key_a', 2],
          ['key_z', 2],
          ['key_b', 1],
          ['key_a', 1],
          ['key_a', 9],
        ] as const;
        const about = await Promise.all(asked.map(([subject, limit]) => store.readSubject(subject, limit)));
        expect(about.map((found) => found.map(({ position: at }) => at))).toEqual([[0, 2], [], [1], [0], [0, 2, 3]]);
        expect((await store.readAll(position(3), 1)).map(({ position: at }) => at)).toEqual([3]);
        expect(await store.readAll(position(5), 10)).toEqual([]);
        expect(await store.readAll(position(50), 10)).toEqual([]);
      });

      it('leaves out the types that are not wanted, and says how far it looked; every other type is there', async () => {
        const typed = (name: string) => ({ ...event(name), type: `ringfence.test.${name}.v1` });
        const events = ['common', 'rare', 'common', 'common', 'never_seen', 'common'].map(typed);
        await append([], {
          appends: [{ stream: account(1), expectedVersion: streamVersion(0), events, nextDueMs: null }],
          fences: fencesOf(fences, [account(1)]),
        });
        const omitted = ['ringfence.test.other.v1', 'ringfence.test.common.v1'];
        const read = async (from: number, limit: number) => store.readAllExcept(omitted, position(from), limit);
        const whole = await store.readAll(position(0), 10);
        expect(await read(0, 10)).toEqual({ events: [whole[1], whole[4]], next: 6 });
        expect(await read(0, 2)).toEqual({ events: [whole[1]], next: 2 });
        expect(await read(2, 2)).toEqual({ events: [], next: 4 });
        expect(await read(3, 10)).toEqual({ events: [whole[4]], next: 6 });
        expect(await read(5, 10)).toEqual({ events: [], next: 6 });
        expect(await read(6, 10)).toEqual({ events: [], next: 6 });
        expect(await read(50, 10)).toEqual({ events: [], next: 50 });
        expect(await store.readAllExcept([], position(0), 10)).toEqual({ events: whole, next: 6 });
      });
    });

    describe('a subscription', () => {
      it('first gives what is there, then heartbeats, then what comes, from another store too', async () => {
        await append([{ stream: account(1), after: 0, texts: ['a', 'b'] }]);
        const stop = new AbortController();
        const events = follow(store, position(1), stop.signal);
        expect((await events.next()).value).toMatchObject([{ position: 1 }]);
        expect((await events.next()).value).toEqual([]);
        const waits: number[] = [];
        for (let turn = 0; turn < 5; turn += 1) {
          const began = performance.now();
          expect((await events.next()).value).toEqual([]);
          waits.push(performance.now() - began);
        }
        // The shortest: a machine may stall for a while.
        expect(Math.min(...waits)).toBeLessThan(500);
        const writer = await another();
        await writer.append(batchOf(fences, [{ stream: account(1), after: 2, texts: ['c'] }]));
        expect(await firstOf(events)).toMatchObject([{ position: 2 }]);
        stop.abort();
        expect((await events.next()).done).toBe(true);
      });

      it('does not let what came while its reader was busy wait for the next heartbeat', async () => {
        const stop = new AbortController();
        const events = follow(store, position(0), stop.signal);
        const waits: number[] = [];
        for (let turn = 0; turn < 5; turn += 1) {
          await heartbeatOf(events);
          await append([{ stream: account(1), after: turn, texts: ['a'] }]);
          const began = performance.now();
          expect(await firstOf(events)).toMatchObject([{ position: turn }]);
          waits.push(performance.now() - began);
        }
        stop.abort();
        expect(Math.min(...waits)).toBeLessThan(100);
      });

      it('ends when it is aborted while it waits', async () => {
        const stop = new AbortController();
        const events = follow(store, position(0), stop.signal);
        expect((await events.next()).value).toEqual([]);
        const waiting = events.next();
        stop.abort();
        expect((await waiting).done).toBe(true);
      });

      it('goes on, each event once, after its connections broke', async () => {
        const stop = new AbortController();
        const events = follow(store, position(0), stop.signal);
        await append([{ stream: account(1), after: 0, texts: ['a'] }]);
        expect(await firstOf(events)).toMatchObject([{ position: 0 }]);
        await breakConnections();
        const writer = await another();
        await writer.append(batchOf(fences, [{ stream: account(1), after: 1, texts: ['b', 'c'] }]));
        expect(await firstOf(events)).toMatchObject([{ position: 1 }, { position: 2 }]);
        await breakConnections();
        await writer.append(batchOf(fences, [{ stream: account(1), after: 3, texts: ['d'] }])).catch(async () => {
          // The break may have hit the writer's own connection before anything was sent: then nothing was written.
          await writer.append(batchOf(fences, [{ stream: account(1), after: 3, texts: ['d'] }]));
        });
        expect(await firstOf(events)).toMatchObject([{ position: 3 }]);
        stop.abort();
        await events.next();
      });
    });

    describe('the fence of a lane', () => {
      it('lets the last owner in and nobody before him', async () => {
        await append([{ stream: account(1), after: 0, texts: ['old'] }]);
        const next = await another();
        const taken = await next.takeLanes(allLanes, 'next');
        expect(taken.map(({ epoch }) => epoch)).toEqual(fences.map(({ epoch }) => epoch + 1));
        const late = append([{ stream: account(1), after: 1, texts: ['late'] }]);
        await expect(late).rejects.toMatchObject({ code: 'lane_lease_lost', retryable: false });
        await expect(store.fencedRead(fences)).rejects.toMatchObject({ code: 'lane_lease_lost', retryable: false });
        await next.append(batchOf(taken, [{ stream: account(1), after: 1, texts: ['new'] }]));
        expect(await next.fencedRead(taken)).toBe(2);
        expect(await texts()).toEqual(['old', 'new']);
      });

      it('guards one lane by itself', async () => {
        const [first] = fences;
        const [taken] = await (await another()).takeLanes([0 as Lane], 'other');
        expect(taken).toEqual({ lane: 0, epoch: (first?.epoch ?? 0) + 1, consumed: null });
        expect(await store.fencedRead(fences.slice(1))).toBe(0);
        await expect(store.fencedRead(fences)).rejects.toMatchObject({ code: 'lane_lease_lost' });
        const never = [{ lane: 63 as Lane, epoch: 99 as Epoch }];
        await expect(store.fencedRead(never)).rejects.toMatchObject({ code: 'lane_lease_lost' });
        await expect(append([], { fences: never })).rejects.toMatchObject({ code: 'lane_lease_lost' });
      });

      it('hands on what was consumed, which commits with the batch or not at all', async () => {
        const transactions = [
          { producer: 2n ** 62n, first: 2n ** 53n - 7n, end: null },
          { producer: 4n, first: 0n, end: 2n ** 53n + 5n },
        ];
        const moved = { lane: 0 as Lane, next: 2n ** 53n + 1n, above: [2n ** 53n + 3n, 2n ** 53n + 9n], transactions };
        await append([{ stream: account(1), after: 0, texts: ['a'] }], {
          consumed: [moved, { lane: 1 as Lane, next: 7n, above: [], transactions: [] }],
        });
        const other = await another();
        const consumedBy = async (owner: string) =>
          (await other.takeLanes([0, 1, 2] as Lane[], owner)).map(({ consumed }) => consumed);
        const { next, above } = moved;
        expect(await consumedBy('other')).toEqual([
          { next, above, transactions },
          { next: 7n, above: [], transactions: [] },
          null,
        ]);
        const taken = await other.takeLanes(allLanes, 'third');
        const wrong = batchOf(taken, [{ stream: account(1), after: 5, texts: ['b'] }]);
        const late = other.append({
          ...wrong,
          consumed: [{ lane: 0 as Lane, next: 99n, above: [], transactions: [] }],
        });
        await expect(late).rejects.toMatchObject({ code: 'event_store_conflict' });
        await other.append({
          ...batchOf(taken, []),
          consumed: [{ lane: 1 as Lane, next: 8n, above: [10n], transactions: [] }],
        });
        expect(await consumedBy('last')).toEqual([
          { next, above, transactions },
          { next: 8n, above: [10n], transactions: [] },
          null,
        ]);
      });

      it('falls between two owners in flight: after the take no old write appears', async () => {
        let turn = 0;
        const writing = (async () => {
          for (; ; turn += 1) await append([{ stream: account(1), after: turn, texts: [`${turn}`] }]);
        })().catch((failure: unknown) => failure);
        while (turn < 5) await store.head();
        const next = await another();
        await next.takeLanes(allLanes, 'next');
        const headThen = await next.head();
        expect(await writing).toMatchObject({ code: 'lane_lease_lost' });
        expect(await next.head()).toBe(headThen);
      });
    });

    describe('an outcome', () => {
      it('is found with the position of the last event of its command', async () => {
        const kept = [outcome(account(1), 'one', 0), outcome(account(1), 'two', 2), outcome(account(2), 'one', 3)];
        await append(
          [
            { stream: account(1), after: 0, texts: ['a', 'b', 'c'] },
            { stream: account(2), after: 0, texts: ['d'] },
          ],
          { outcomes: kept },
        );
        const keys = [...kept, outcome(account(2), 'two', -1)];
        const found = await (await another()).findOutcomes(keys);
        const byPosition = [...found].sort((left, right) => left.position - right.position);
        expect(byPosition.map(({ stream, commandId, position: at }) => [stream, commandId, at])).toEqual([
          [account(1), 'one', 0],
          [account(1), 'two', 2],
          [account(2), 'one', 3],
        ]);
        expect(byPosition.map(({ body }) => Buffer.from(body).toString())).toEqual([
          '{"of":"one"}',
          '{"of":"two"}',
          '{"of":"one"}',
        ]);
        expect(Buffer.from(byPosition[1]?.fingerprint ?? []).toString()).toBe('fingerprint of two');
        expect(byPosition.every(({ accepted }) => accepted)).toBe(true);
        expect(await store.findOutcomes([])).toEqual([]);
      });

      it('is kept once: a second one for the same command takes its whole batch down', async () => {
        await append([{ stream: account(1), after: 0, texts: ['a'] }], { outcomes: [outcome(account(1), 'one', 0)] });
        const again = append([{ stream: account(1), after: 1, texts: ['b'] }], {
          outcomes: [outcome(account(1), 'two', 0), outcome(account(1), 'one', 0)],
        });
        await expect(again).rejects.toMatchObject({ code: 'outcome_already_kept', retryable: false });
        const twins = append([{ stream: account(1), after: 1, texts: ['b'] }], {
          outcomes: [outcome(account(1), 'two', 0), outcome(account(1), 'two', 0)],
        });
        await expect(twins).rejects.toMatchObject({ code: 'outcome_already_kept' });
        expect(await texts()).toEqual(['a']);
        expect(await store.findOutcomes([{ stream: account(1), commandId: command('two') }])).toEqual([]);
      });
    });

    describe('what time acts on', () => {
      it('is found earliest first, by lane, as the last append of each stream said', async () => {
        await append([
          { stream: account(1), after: 0, texts: ['a'], dueMs: 3_000 },
          { stream: account(2), after: 0, texts: ['a'], dueMs: 1_000 },
          { stream: account(3), after: 0, texts: ['a'] },
          { stream: account(4), after: 0, texts: ['a'], dueMs: 2_000 },
        ]);
        await append([{ stream: account(4), after: 1, texts: ['b'] }]);
        const due = async (lanes: readonly Lane[], before: number) =>
          (await store.dueStreams({ laneCount, lanes, before: before as EpochMs, limit: 10, after: null })).due;
        expect(await due(allLanes, 3_000)).toEqual([
          { stream: account(2), nextDueMs: 1_000 },
          { stream: account(1), nextDueMs: 3_000 },
        ]);
        expect(await due(allLanes, 2_999)).toHaveLength(1);
        const lane = fencesOf(fences, [account(1)])[0]?.lane ?? (0 as Lane);
        expect(await due([lane], 9_000)).toEqual([{ stream: account(1), nextDueMs: 3_000 }]);
        expect(await due([], 9_000)).toEqual([]);
      });

      it('comes page by page, each stream once, whatever is due at the same moment or is of other lanes', async () => {
        const streams = [7, 1, 4, 9, 2, 8, 3].map((each) => account(each));
        await append(streams.map((stream, at) => ({ stream, after: 0, texts: ['a'], dueMs: at < 2 ? 1_000 : 2_000 })));
        const pages = async (lanes: readonly Lane[]) => {
          const found: DuePage[] = [];
          let after: DuePage['last'] = null;
          do {
            const page: DuePage = await store.dueStreams({
              laneCount,
              lanes,
              before: 2_000 as EpochMs,
              limit: 2,
              after,
            });
            found.push(page);
            after = page.last;
          } while (after !== null);
          return found.map(({ due }) => due.map(({ stream }) => stream));
        };
        const ordered = [...streams.slice(0, 2).sort(), ...streams.slice(2).sort()];
        const all = await pages(allLanes);
        expect(all.flat()).toEqual(ordered);
        expect(all.every((page) => page.length <= 2)).toBe(true);
        const [last = account(3)] = ordered.slice(-1);
        const lane = fencesOf(fences, [last])[0]?.lane ?? (0 as Lane);
        const ofLane = ordered.filter((stream) => laneOf(stream, laneCount) === lane);
        expect((await pages([lane])).flat()).toEqual(ofLane);
      });
    });

    describe('beside the log', () => {
      it('the newest snapshot of a stream is kept, and given to the evolve that made it alone', async () => {
        const pieces = [Buffer.from('one'), Buffer.from([0, 255])];
        const snapshot = { stream: account(1), version: streamVersion(5), evolveVersion: 2, pieces };
        await store.saveSnapshot(snapshot);
        await store.saveSnapshot({ ...snapshot, version: streamVersion(4), pieces: [] });
        const found = await (await another()).loadSnapshot(account(1), 2);
        expect(found).toMatchObject({ stream: account(1), version: 5, evolveVersion: 2 });
        expect(found?.pieces.map((piece) => [...piece])).toEqual(pieces.map((piece) => [...piece]));
        expect(await store.loadSnapshot(account(1), 3)).toBeUndefined();
        await store.saveSnapshot({ ...snapshot, version: streamVersion(1), evolveVersion: 3 });
        expect(await store.loadSnapshot(account(1), 3)).toMatchObject({ version: 1 });
        expect(await store.loadSnapshot(account(2), 3)).toBeUndefined();
      });

      it('a blob is found under the hash of its bytes', async () => {
        const bytes = Buffer.alloc(300_000, 7);
        const sha256 = createHash('sha256').update(bytes).digest('hex');
        expect(await store.putBlob(bytes)).toBe(sha256);
        expect(await store.putBlob(bytes)).toBe(sha256);
        expect(Buffer.from((await store.getBlob(sha256)) ?? []).equals(bytes)).toBe(true);
        expect(await store.getBlob('0'.repeat(64))).toBeUndefined();
      });

      it('the store has a clock', async () => {
        const first = await store.clock();
        expect(Number.isInteger(first)).toBe(true);
        expect(await store.clock()).toBeGreaterThanOrEqual(first);
      });
    });
  });
}

type Batches = AsyncIterator<readonly RecordedEvent[], undefined>;

function follow(store: EventStore, from: Position, signal: AbortSignal): Batches {
  return store.subscribe(from, signal)[Symbol.asyncIterator]() as Batches; // returns nothing at its end
}

/** The next batch that is not a heartbeat. */
async function firstOf(events: Batches): Promise<readonly RecordedEvent[]> {
  for (;;) {
    const { value } = await events.next();
    if (value === undefined || value.length > 0) return value ?? [];
  }
}

async function heartbeatOf(events: Batches): Promise<void> {
  for (;;) {
    const { value } = await events.next();
    if (value === undefined || value.length === 0) return;
  }
}

/** Reads page after page from the start, never waiting for anything to be complete, until `total` events were seen. */
async function pageUntil(store: EventStore, total: number): Promise<readonly RecordedEvent[]> {
  const found: RecordedEvent[] = [];
  while (found.length < total) found.push(...(await store.readAll(position(found.length), 7)));
  return found;
}
