import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { decodeRecorded } from '@ringfence/event-catalog/event-codec';
import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import { Failure } from '@ringfence/kernel/failure';
import { position } from '@ringfence/kernel/units';
import type { BusMessage, OutgoingMessage } from '@ringfence/ports/message-bus/message';
import type { Following, Membership } from '@ringfence/ports/message-bus/message-bus';
import { busFailures } from '@ringfence/ports/message-bus/failures';
import type { FakeClock } from '@ringfence/testing/fake-clock';
import { FakeTimers } from '@ringfence/testing/fake-timers';
import { RelayedLog } from '@ringfence/testing/relayed-log';
import fc from 'fast-check';
import { logPollMs, TopicEventSource, topicSilentMs } from './topic-event-source.js';
import { waitingEventsMax } from './topic-merge.js';

const topic = 'ringfence.events';
const watermarks = 'ringfence.watermarks';
const partitions = 4;

/** A topic whose partitions deliver what they hold when a test says so: each in order, all in any order. */
class HandDrivenTopic {
  readonly #held: BusMessage[][] = Array.from({ length: partitions }, () => []);
  readonly #delivered = Array.from({ length: partitions }, () => 0);
  #following: Following | undefined;
  away = false;
  /** The next message of this partition is never there. */
  losesOneOf: number | undefined;

  follow(following: Following): Promise<Membership> {
    if (this.away) return Promise.reject(busFailures.bus_unavailable(new Error('nobody answers')));
    // How far each partition is, it says itself.
    if (following.topic === watermarks) return Promise.resolve({ leave: () => Promise.resolve() });
    this.#following = following;
    for (const [partition, messages] of this.#held.entries()) this.#delivered[partition] = messages.length;
    return Promise.resolve({
      leave: () => {
        this.#following = undefined;
        return Promise.resolve();
      },
    });
  }

  hold(messages: readonly OutgoingMessage[]): void {
    for (const message of messages) {
      const { partition = 0 } = message;
      if (partition === this.losesOneOf) {
        this.losesOneOf = undefined;
        continue;
      }
      const into = this.#held[partition];
      into?.push({ ...message, partition, offset: BigInt(into.length) });
    }
  }

  /** @param again so many of the last ones come again, as after a reader's restart */
  deliver(partition: number, count: number, again = 0): void {
    if (this.#following === undefined || this.away) return;
    const begin = this.#delivered[partition] ?? 0;
    const batch = this.#held[partition]?.slice(Math.max(0, begin - again), begin + count) ?? [];
    this.#delivered[partition] = Math.min(begin + count, this.#held[partition]?.length ?? 0);
    if (batch.length > 0) void this.#following.onMessages(partition, batch);
  }

  deliverAll(): void {
    for (let partition = 0; partition < partitions; partition += 1) this.deliver(partition, Number.POSITIVE_INFINITY);
  }
}

class World extends RelayedLog {
  readonly timers = new FakeTimers(this.clock);
  readonly messages = new HandDrivenTopic();
  readonly readings: string[] = [];
  readonly errors: unknown[] = [];
  readonly seen: RecordedEnvelope[] = [];
  /** Contents of each heartbeat: the moment, and how much had been seen by then. */
  readonly heartbeats: { readonly seenAllAtMs: number; readonly seen: number }[] = [];
  /** Moment at which each event was appended. */
  readonly appendedAtMs: number[] = [];
  logReads = 0;
  logAway = false;
  /** Time between the log's read and its answer. */
  logReadMs = 0;
  failure: unknown;
  readonly #stopping = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor() {
    super(topic, partitions);
  }

  override async append(events: number): Promise<void> {
    await super.append(events);
    while (this.appendedAtMs.length < this.log.events.length) this.appendedAtMs.push(this.clock.now());
  }

  publish(count?: number): void {
    for (const messages of this.nextRecords(count)) this.messages.hold(messages);
  }

  watermark(): void {
    this.messages.hold(this.watermarks());
  }

  start(from = 0): void {
    const source = new TopicEventSource({
      bus: this.messages,
      topic,
      watermarks,
      partitions,
      logId: this.logId,
      log: {
        read: async (next, limit) => {
          this.logReads += 1;
          await Promise.resolve();
          if (this.logAway) throw new Failure('event_store_unavailable', 'nobody answers', true);
          const found = this.log.events.slice(next, next + limit).map(decodeRecorded);
          this.clock.advance(this.logReadMs);
          return found;
        },
      },
      clock: this.clock,
      timers: this.timers,
      onRetryableError: (cause) => this.errors.push(cause),
      onReading: (reading) => this.readings.push(reading),
    });
    this.#running = this.#read(source, from).catch((failure: unknown) => {
      this.failure = failure;
    });
  }

  async #read(source: TopicEventSource, from: number): Promise<void> {
    for await (const batch of source.subscribe(position(from), this.#stopping.signal)) {
      this.seen.push(...batch);
      const seenAllAtMs = source.seenAllAtMs();
      if (batch.length === 0 && seenAllAtMs !== undefined)
        this.heartbeats.push({ seenAllAtMs, seen: from + this.seen.length });
    }
  }

  /** The topic is alive and level: so is its reader. */
  async live(): Promise<void> {
    await this.timers.advance(0);
    this.publish();
    this.watermark();
    this.messages.deliverAll();
    await this.timers.advance(logPollMs);
    expect(this.readings.at(-1)).toBe('topic');
  }

  expectExactly(from = 0): void {
    expect(this.failure).toBeUndefined();
    expect(this.seen.map((each) => each.position)).toEqual(this.log.events.slice(from).map((each) => each.position));
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }
}

describe('the log through its topic', () => {
  let world: World;
  beforeEach(async () => {
    world = new World();
    await world.append(100);
    world.publish();
  });
  afterEach(() => world.stop());

  it('begins with what the log holds and goes on with what the topic brings, without asking the log again', async () => {
    world.start(30);
    await world.live();
    const { logReads } = world;
    for (let round = 0; round < 10; round += 1) {
      await world.append(7);
      world.publish();
      world.watermark();
      world.messages.deliverAll();
      await world.timers.advance(200);
      world.expectExactly(30);
    }
    expect(world.readings).toEqual(['log', 'topic']);
    expect(world.logReads).toBe(logReads);
  });

  it('brings the partitions back into the order of the log, whichever comes first', async () => {
    world.start();
    await world.live();
    await world.append(60);
    world.publish();
    for (const partition of [3, 1, 0]) world.messages.deliver(partition, 1_000);
    await world.timers.advance(100);
    const known = world.seen.length;
    expect(known).toBeLessThan(160);
    world.messages.deliver(2, 1_000);
    await world.timers.advance(0);
    world.expectExactly();
  });

  it('states with a heartbeat the moment at which the relay read the log, not its own', async () => {
    world.start();
    await world.live();
    const lookedAtMs = world.clock.now();
    world.watermark();
    await world.timers.advance(600);
    world.messages.deliverAll();
    await world.timers.advance(0);
    expect(world.heartbeats.at(-1)).toEqual({ seenAllAtMs: lookedAtMs, seen: 100 });
  });

  it('does not believe a relay whose clock is ahead', async () => {
    world.start();
    await world.live();
    world.clock.advance(5_000);
    world.watermark();
    world.clock.set((world.clock.now() - 5_000) as ReturnType<FakeClock['now']>);
    world.messages.deliverAll();
    await world.timers.advance(0);
    expect(world.heartbeats.at(-1)?.seenAllAtMs).toBe(world.clock.now());
  });

  it('reads the log when the topic is silent, and the topic when it is back', async () => {
    world.start();
    await world.live();
    await world.append(20);
    await world.timers.advance(topicSilentMs + 2 * logPollMs);
    world.expectExactly();
    expect(world.readings).toEqual(['log', 'topic', 'log']);
    const silent = world.heartbeats.length;
    await world.timers.advance(1_000);
    expect(world.heartbeats.length - silent).toBe(5);
    world.publish();
    world.watermark();
    world.messages.deliverAll();
    await world.timers.advance(logPollMs);
    expect(world.readings).toEqual(['log', 'topic', 'log', 'topic']);
    await world.append(5);
    world.publish();
    world.messages.deliverAll();
    await world.timers.advance(0);
    world.expectExactly();
  });

  it('takes a topic of which one partition is silent for silent', async () => {
    world.start();
    await world.live();
    await world.append(10);
    for (let round = 0; round < 8; round += 1) {
      world.publish();
      world.watermark();
      for (const partition of [0, 1, 3]) world.messages.deliver(partition, 1_000);
      await world.timers.advance(200);
    }
    expect(world.readings.at(-1)).toBe('log');
    world.expectExactly();
  });

  it('reads the log while no bus answers, and says nothing while neither does', async () => {
    world.messages.away = true;
    world.start();
    await world.timers.advance(1_000);
    world.expectExactly();
    expect(world.readings).toEqual(['log']);
    world.logAway = true;
    const heartbeatsBefore = world.heartbeats.length;
    await world.timers.advance(3_000);
    expect(world.heartbeats).toHaveLength(heartbeatsBefore);
    expect(world.errors).toContainEqual(expect.objectContaining({ code: 'event_store_unavailable' }));
    expect(world.errors).toContainEqual(expect.objectContaining({ code: 'bus_unavailable' }));
    world.messages.away = false;
    await world.timers.advance(1_000);
    await world.live();
    expect(world.logAway).toBe(true);
    expect(world.heartbeats.length).toBeGreaterThan(heartbeatsBefore);
  });

  it('claims no more of a log that answers late than the moment it was asked', async () => {
    world.messages.away = true;
    world.logReadMs = 700;
    const startedAtMs = world.clock.now();
    world.start();
    await world.timers.advance(0);
    // One answer with events, one without: asked when the first had come.
    expect(world.heartbeats).toEqual([{ seenAllAtMs: startedAtMs + 700, seen: 100 }]);
  });

  it('stops at a gap of the topic', async () => {
    world.start();
    await world.live();
    await world.append(40);
    world.messages.losesOneOf = 2;
    world.publish();
    world.watermark();
    world.messages.deliverAll();
    await world.timers.advance(200);
    expect(world.failure).toMatchObject({ code: 'feed_gap' });
    expect(world.seen.map((each) => each.position)).toEqual(world.seen.map((_, at) => at));
  });

  it('stops before an event that this release does not know, after delivering all before it', async () => {
    world.start();
    await world.live();
    await world.append(3);
    const { stream, version } = world.log.events.at(-1) ?? {};
    if (stream === undefined || version === undefined) throw new Error('nothing was appended');
    const event = world.log.events.at(-1);
    const bytes = Buffer.from(
      Buffer.from(event?.bytes ?? [])
        .toString('latin1')
        .replace(/"type":"(ringfence[^"]*)\.v\d"}$/, '"type":"$1.v9"}')
        .replace(/"streamversion":"\d+"/, `"streamversion":"${String(version + 1)}"`),
      'latin1',
    );
    const type = (event?.type ?? '').replace(/v\d+$/, 'v9');
    const unknown = { type, subject: event?.subject ?? '', bytes };
    await world.store.append({
      appends: [{ stream, expectedVersion: version, events: [unknown], nextDueMs: null }],
      unchanged: [],
      outcomes: [],
      fences: [],
    });
    world.publish();
    world.messages.deliverAll();
    await world.timers.advance(0);
    expect(world.failure).toMatchObject({ code: 'event_version_unknown' });
    expect(world.seen).toHaveLength(103);
  });

  it('keeps no more than it may while one partition holds up the others: it reads the log instead', async () => {
    world.start();
    await world.live();
    world.logAway = true;
    for (let round = 0; round < 5; round += 1) {
      await world.append(waitingEventsMax / 4);
      world.publish();
      world.watermark();
      for (const partition of [0, 1, 2]) world.messages.deliver(partition, Number.POSITIVE_INFINITY);
      await world.timers.advance(100);
    }
    world.logAway = false;
    world.messages.deliverAll();
    await world.timers.advance(2 * logPollMs);
    world.expectExactly();
    expect(world.readings).toEqual(['log', 'topic', 'log', 'topic']);
  }, 30_000);
});

describe('a reader of topic and log, whatever comes when', () => {
  const act = fc.oneof(
    fc.record({ does: fc.constant('append'), events: fc.integer({ min: 1, max: 30 }) }),
    fc.record({ does: fc.constant('publish'), events: fc.integer({ min: 1, max: 40 }) }),
    fc.record({ does: fc.constant('watermark') }),
    fc.record({
      does: fc.constant('deliver'),
      partition: fc.integer({ min: 0, max: partitions - 1 }),
      count: fc.integer({ min: 1, max: 20 }),
      again: fc.integer({ min: 0, max: 5 }),
    }),
    fc.record({ does: fc.constantFrom('deliver all', 'bring level') }),
    fc.record({ does: fc.constant('wait'), ms: fc.constantFrom(10, 100, 250, 1_500) }),
    fc.record({ does: fc.constant('log'), away: fc.boolean() }),
  );
  type Act = typeof act extends fc.Arbitrary<infer Value> ? Value : never;

  async function perform(world: World, done: Act): Promise<void> {
    if ('events' in done) {
      if (done.does === 'append') await world.append(done.events);
      else world.publish(done.events);
    } else if ('partition' in done) world.messages.deliver(done.partition, done.count, done.again);
    else if ('away' in done) world.logAway = done.away;
    else if ('ms' in done) await world.timers.advance(done.ms);
    else if (done.does === 'bring level') world.publish();
    if (done.does === 'watermark' || done.does === 'bring level') world.watermark();
    if (done.does === 'deliver all' || done.does === 'bring level') world.messages.deliverAll();
    await world.timers.advance(0);
  }

  it('sees exactly the log, in order, and no heartbeat claims more than was seen', async () => {
    let live = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 60 }), async (acts) => {
        const world = new World();
        await world.append(20);
        world.start();
        try {
          for (const one of acts) await perform(world, one);
          world.logAway = false;
          await world.timers.advance(topicSilentMs + 2 * logPollMs);
          world.expectExactly();
          if (world.readings.includes('topic')) live += 1;
          for (const { seenAllAtMs, seen } of world.heartbeats) {
            const appended = world.appendedAtMs.filter((atMs) => atMs < seenAllAtMs).length;
            expect(seen).toBeGreaterThanOrEqual(appended);
          }
        } finally {
          await world.stop();
        }
      }),
      { numRuns: 150 },
    );
    // Otherwise all of it was about the log alone.
    expect(live).toBeGreaterThan(30);
  });
});
