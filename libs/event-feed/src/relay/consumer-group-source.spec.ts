import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Failure } from '@ringfence/kernel/failure';
import { type Epoch, laneOf } from '@ringfence/kernel/lane';
import { type Position, position } from '@ringfence/kernel/units';
import { busFailures } from '@ringfence/ports/message-bus/failures';
import type { BusMessage, OutgoingMessage } from '@ringfence/ports/message-bus/message';
import type { Joining, Membership } from '@ringfence/ports/message-bus/message-bus';
import type { PartitionReading } from '@ringfence/projections/partition-source';
import type { RunnableProjection } from '@ringfence/projections/runnable-projection';
import { FakeTimers } from '@ringfence/testing/fake-timers';
import { RelayedLog } from '@ringfence/testing/relayed-log';
import fc from 'fast-check';
import { emptyChain } from '@ringfence/wire/feed/feed-chain';
import { ConsumerGroupSource } from './consumer-group-source.js';
import { partitionWaitingEventsMax } from './partition-buffer.js';
import { publishEvents } from './publication.js';
import { logPollMs, topicSilentMs } from './topic-event-source.js';

const topic = 'ringfence.events';
const partitions = 4;
const all = [0, 1, 2, 3];
const projection = { name: 'tally', version: 3 } as RunnableProjection;

/** A topic whose partitions deliver what they hold, to their owners, when a test says so. */
class HandDrivenGroup {
  readonly #held: BusMessage[][] = all.map(() => []);
  readonly #delivered = all.map(() => 0);
  readonly members = new Set<Joining>();
  readonly #owner = new Map<number, Joining>();
  readonly groups = new Set<string>();
  away = false;

  join(joining: Joining): Promise<Membership> {
    if (this.away) return Promise.reject(busFailures.bus_unavailable(new Error('nobody answers')));
    this.members.add(joining);
    this.groups.add(joining.group);
    return Promise.resolve({
      leave: async () => {
        this.members.delete(joining);
        for (const partition of all) if (this.#owner.get(partition) === joining) await this.take(partition);
      },
    });
  }

  /** Follows nothing: each partition says itself how far it is. */
  follow(): Promise<Membership> {
    return Promise.resolve({ leave: () => Promise.resolve() });
  }

  ranges() {
    return Promise.resolve([{ first: 0n, next: 0n }]);
  }

  async give(given: readonly number[], member: number): Promise<void> {
    const joining = [...this.members][member];
    if (joining === undefined) return;
    for (const partition of given) {
      await this.take(partition);
      this.#owner.set(partition, joining);
      this.#delivered[partition] = this.#held[partition]?.length ?? 0;
    }
    await joining.onAssigned(given);
  }

  async take(partition: number): Promise<void> {
    const owner = this.#owner.get(partition);
    this.#owner.delete(partition);
    await owner?.onRevoked([partition]);
  }

  /** @param lose so many of them are not there, and nobody says so */
  hold(messages: readonly OutgoingMessage[], lose: (message: OutgoingMessage) => boolean): void {
    for (const message of messages) {
      const into = this.#held[message.partition ?? 0];
      if (!lose(message)) into?.push({ ...message, partition: message.partition ?? 0, offset: BigInt(into.length) });
    }
  }

  /** @param again so many of the last ones come again, as after a reader's restart */
  deliver(partition: number, count = Number.POSITIVE_INFINITY, again = 0): void {
    const owner = this.#owner.get(partition);
    if (owner === undefined || this.away) return;
    const begin = this.#delivered[partition] ?? 0;
    const batch = this.#held[partition]?.slice(Math.max(0, begin - again), begin + count) ?? [];
    this.#delivered[partition] = Math.min(begin + count, this.#held[partition]?.length ?? 0);
    if (batch.length > 0) void owner.onMessages(partition, batch);
  }
}

/** The positions of the projection, moved as its writer moves them: by any caller, each event once. */
class Rows {
  readonly positions = new Map<number, Position>(all.map((partition) => [partition, position(0)]));
  readonly seen: number[][] = all.map(() => []);

  async takeFrom(reading: PartitionReading, signal: AbortSignal): Promise<void> {
    const spans = await reading.next(signal);
    for (const { partition, from, to, events } of spans) {
      const at = this.positions.get(partition) ?? 0;
      if (from > at) throw new Error(`partition ${String(partition)} has ${String(at)}, and ${String(from)} comes`);
      this.seen[partition]?.push(...events.map((event) => event.position).filter((each) => each >= at));
      if (to > at) this.positions.set(partition, to);
    }
  }
}

class World extends RelayedLog {
  readonly timers = new FakeTimers(this.clock);
  readonly group = new HandDrivenGroup();
  readonly rows = new Rows();
  readonly fed: string[] = [];
  readonly failures: unknown[] = [];
  logReads = 0;
  logAway = false;
  /** Number of the next records that are lost. */
  losing = 0;
  readonly #stopping = new AbortController();
  readonly #running: Promise<void>[] = [];

  constructor() {
    super(topic, partitions);
  }

  publish(count?: number): void {
    for (const messages of this.nextRecords(count)) this.group.hold(messages, () => (this.losing -= 1) >= 0);
    this.losing = 0;
  }

  watermark(): void {
    this.group.hold(this.watermarks(), () => false);
  }

  /** One process that projects. */
  start(): void {
    const source = new ConsumerGroupSource({
      bus: this.group,
      topic,
      watermarks: 'ringfence.watermarks',
      partitions,
      logId: this.logId,
      log: {
        readAll: async (from, limit) => {
          this.logReads += 1;
          await Promise.resolve();
          if (this.logAway) throw new Failure('event_store_unavailable', 'nobody answers', true);
          return this.log.events.slice(from, from + limit);
        },
      },
      clock: this.clock,
      timers: this.timers,
      onRetryableError: () => undefined,
      onFed: (name, { topic: byTopic, log: byLog }) =>
        this.fed.push(`${name}: ${String(byTopic)} topic, ${String(byLog)} log`),
    });
    const { signal } = this.#stopping;
    const reading = source.open(projection, (asked) =>
      Promise.resolve(
        new Map(asked.map((partition) => [partition, this.rows.positions.get(partition) ?? position(0)])),
      ),
    );
    this.#running.push(this.#follow(reading, signal).finally(() => reading.close()));
  }

  async #follow(reading: PartitionReading, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.rows.takeFrom(reading, signal);
      } catch (failure) {
        if (!(failure instanceof Failure && failure.retryable)) {
          this.failures.push(failure);
          return;
        }
        reading.startOver();
        await new Promise<void>((resolve) => {
          this.timers.after(50, resolve);
          signal.addEventListener('abort', () => {
            resolve();
          });
        });
      }
    }
  }

  async deliverAll(): Promise<void> {
    for (const partition of all) this.group.deliver(partition);
    await this.timers.advance(0);
  }

  async level(): Promise<void> {
    this.publish();
    this.watermark();
    await this.deliverAll();
  }

  expectExactly(): void {
    expect(this.failures).toEqual([]);
    for (const partition of all) {
      const own = this.log.events.filter(({ stream }) => laneOf(stream, partitions) === partition);
      expect(this.rows.seen[partition]).toEqual(own.map((event) => event.position));
    }
    expect([...this.rows.positions.values()]).toEqual(all.map(() => this.log.events.length));
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#running);
    expect(this.group.members.size).toBe(0);
  }
}

describe('the partitions of the topic, shared by a group', () => {
  let world: World;
  beforeEach(async () => {
    world = new World();
    await world.append(100);
    world.publish();
    world.start();
    await world.timers.advance(0);
  });
  afterEach(() => world.stop());

  it('begin with what the log holds and go on with what the topic brings, without asking the log again', async () => {
    await world.group.give(all, 0);
    await world.level();
    await world.timers.advance(2 * logPollMs);
    world.expectExactly();
    const { logReads } = world;
    for (let round = 0; round < 10; round += 1) {
      await world.append(7);
      await world.level();
      world.expectExactly();
      await world.timers.advance(logPollMs);
    }
    expect(world.logReads).toBe(logReads);
    expect(world.fed).toEqual(['tally: 0 topic, 4 log', 'tally: 4 topic, 0 log']);
    expect([...world.group.groups]).toEqual(['ringfence.events.tally.v3']);
  });

  it('go on where their former owner was, and each is read by its owner alone', async () => {
    world.start();
    await world.timers.advance(0);
    await world.group.give(all, 0);
    await world.level();
    await world.group.give([1, 2], 1);
    await world.append(50);
    await world.level();
    await world.timers.advance(2 * logPollMs);
    world.expectExactly();
    await world.append(50);
    await world.level();
    world.expectExactly();
  });

  it('reach a position without an event there, once the relay has said so', async () => {
    await world.group.give(all, 0);
    await world.level();
    await world.timers.advance(2 * logPollMs);
    const { logReads } = world;
    await world.append(1);
    world.publish();
    await world.deliverAll();
    expect([...world.rows.positions.values()].sort()).toEqual([100, 100, 100, 101]);
    world.watermark();
    await world.deliverAll();
    world.expectExactly();
    expect(world.logReads).toBe(logReads);
  });

  it('find in the log what the topic lacks, and go on with the topic', async () => {
    await world.group.give(all, 0);
    await world.level();
    await world.timers.advance(logPollMs);
    world.losing = 20;
    await world.append(60);
    await world.level();
    await world.timers.advance(2 * logPollMs);
    world.expectExactly();
    const { logReads } = world;
    await world.append(60);
    await world.level();
    world.expectExactly();
    expect(world.logReads).toBe(logReads);
  });

  it('stop where what follows a gap is not in the log: it is another history', async () => {
    await world.group.give(all, 0);
    await world.level();
    await world.timers.advance(logPollMs);
    await world.append(60);
    const { messages } = publishEvents(
      { topic, logId: world.logId, epoch: 1 as Epoch },
      { next: position(0), ends: all.map(() => emptyChain) },
      world.log.events,
    );
    // As a topic says it whose log has gone on in another way since: the first record after the gap, and nothing else.
    const [first] = messages;
    const fed = new Set<number | undefined>();
    const elsewhere = messages.slice(-40).map((message) => {
      const before = Number(message.headers['ce_prevposition'] ?? 0);
      if (fed.has(message.partition)) return message;
      fed.add(message.partition);
      if (before < 100) return message;
      return { ...message, headers: { ...message.headers, ce_prevevent: first?.headers['ce_id'] ?? '' } };
    });
    world.group.hold(elsewhere, () => false);
    await world.deliverAll();
    await world.timers.advance(0);
    expect(world.failures).toMatchObject([{ code: 'feed_gap' }]);
  });

  it('are read in the log while the topic is silent, which is said, and in the topic again when it is back', async () => {
    await world.group.give(all, 0);
    await world.level();
    await world.timers.advance(logPollMs);
    await world.append(30);
    await world.timers.advance(topicSilentMs + 2 * logPollMs);
    world.expectExactly();
    expect(world.fed.at(-1)).toBe('tally: 0 topic, 4 log');
    await world.append(30);
    await world.level();
    await world.timers.advance(logPollMs);
    world.expectExactly();
    expect(world.fed.at(-1)).toBe('tally: 4 topic, 0 log');
  });

  it('are read while others of them are behind, and those too', async () => {
    await world.group.give([0, 1], 0);
    await world.level();
    await world.timers.advance(logPollMs);
    await world.append(6_000);
    world.publish();
    world.watermark();
    await world.group.give([2, 3], 0);
    for (let round = 0; round < 40; round += 1) {
      for (const partition of [0, 1]) world.group.deliver(partition, 100);
      await world.timers.advance(10);
    }
    await world.level();
    await world.timers.advance(2 * logPollMs);
    world.expectExactly();
  });

  it('keep no more than they may while nobody takes it: they read the log instead', async () => {
    world.logAway = true;
    await world.group.give(all, 0);
    await world.append(4 * partitionWaitingEventsMax);
    world.publish();
    await world.deliverAll();
    world.logAway = false;
    await world.level();
    await world.timers.advance(3 * logPollMs);
    world.expectExactly();
  }, 30_000);

  it('hand over all before an event of which nobody knows the version, then stop and leave the group', async () => {
    await world.group.give(all, 0);
    await world.level();
    await world.timers.advance(logPollMs);
    const stream = world.history.accountIds[0];
    if (stream === undefined) throw new Error('there is no account');
    const own = world.log.events.filter((event) => event.stream === stream);
    const [event, version] = [own.at(-1), own.length];
    await world.append(1);
    const grown = world.log.events.filter((each) => each.stream === stream).length;
    const bytes = Buffer.from(
      Buffer.from(event?.bytes ?? [])
        .toString('latin1')
        .replace(/"type":"(ringfence[^"]*)\.v\d"}$/, '"type":"$1.v9"}')
        .replace(/"streamversion":"\d+"/, `"streamversion":"${String(grown + 1)}"`),
      'latin1',
    );
    expect(version).toBeGreaterThan(0);
    const unknown = { type: (event?.type ?? '').replace(/v\d$/, 'v9'), subject: event?.subject ?? '', bytes };
    await world.store.append({
      appends: [{ stream, expectedVersion: grown, events: [unknown], nextDueMs: null }],
      unchanged: [],
      outcomes: [],
      fences: [],
    } as never);
    await world.level();
    await world.timers.advance(2 * logPollMs);
    expect(world.failures).toMatchObject([{ code: 'event_version_unknown' }]);
    expect(world.rows.positions.get(laneOf(stream, partitions))).toBe(101);
    expect(world.group.members.size).toBe(0);
  });
});

describe('two processes that share the partitions, whatever comes when', () => {
  const some = fc.subarray(all, { minLength: 1 });
  const act = fc.oneof(
    fc.record({ does: fc.constant('append'), events: fc.integer({ min: 1, max: 30 }) }),
    fc.record({ does: fc.constant('publish'), events: fc.integer({ min: 1, max: 40 }) }),
    fc.record({ does: fc.constant('lose'), losing: fc.integer({ min: 1, max: 5 }) }),
    fc.record({
      does: fc.constant('deliver'),
      partition: fc.constantFrom(...all),
      count: fc.integer({ min: 1, max: 20 }),
      again: fc.integer({ min: 0, max: 5 }),
    }),
    fc.record({ does: fc.constant('give'), given: some, member: fc.integer({ min: 0, max: 1 }) }),
    fc.record({ does: fc.constantFrom('deliver all', 'level', 'level') }),
    fc.record({ does: fc.constant('wait'), ms: fc.constantFrom(10, 100, 250, 1_500) }),
    fc.record({ does: fc.constant('log'), away: fc.boolean() }),
  );
  type Act = typeof act extends fc.Arbitrary<infer Value> ? Value : never;

  async function perform(world: World, done: Act): Promise<void> {
    if ('events' in done) {
      if (done.does === 'append') await world.append(done.events);
      else world.publish(done.events);
    } else if ('losing' in done) world.losing = done.losing;
    else if ('given' in done) await world.group.give(done.given, done.member);
    else if ('count' in done) world.group.deliver(done.partition, done.count, done.again);
    else if ('away' in done) world.logAway = done.away;
    else if ('ms' in done) await world.timers.advance(done.ms);
    else if (done.does === 'level') await world.level();
    else await world.deliverAll();
    await world.timers.advance(0);
  }

  it('see every event of the log, each once, and none of a partition before one that it follows', async () => {
    let byTopic = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 60 }), async (acts) => {
        const world = new World();
        await world.append(20);
        world.start();
        world.start();
        await world.timers.advance(0);
        try {
          await world.group.give(all, 0);
          for (const one of acts) await perform(world, one);
          world.logAway = false;
          await world.group.give(all, 1);
          await world.timers.advance(topicSilentMs + 2 * logPollMs);
          world.expectExactly();
          if (world.fed.some((fed) => !fed.includes(' 0 topic'))) byTopic += 1;
        } finally {
          await world.stop();
        }
      }),
      { numRuns: 150 },
    );
    // Otherwise all of it was about the log alone.
    expect(byTopic).toBeGreaterThan(30);
  });
});
