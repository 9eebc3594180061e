import { beforeEach, describe, expect, it } from '@jest/globals';
import { decodeEvent } from '@ringfence/event-catalog/event-codec';
import { MemoryEventStore, MemoryLog } from '@ringfence/event-store-memory/memory-event-store';
import { Failure } from '@ringfence/kernel/failure';
import type { AccountId, LogId } from '@ringfence/kernel/ids';
import { laneOf } from '@ringfence/kernel/lane';
import { position } from '@ringfence/kernel/units';
import { binaryHeaders } from '@ringfence/wire/cloud-event';
import { busFailures } from '@ringfence/ports/message-bus/failures';
import type { DecodedItem, OutgoingMessage } from '@ringfence/ports/message-bus/message';
import type { Following, MessageBus } from '@ringfence/ports/message-bus/message-bus';
import { accountTopicsOf, accountTopicSpecs, topicSpecs, topicsOf } from '@ringfence/wire/topics';
import { MemoryBroker } from '@ringfence/messaging-memory/memory-broker';
import { MemoryMessageBus } from '@ringfence/messaging-memory/memory-message-bus';
import { FakeClock } from '@ringfence/testing/fake-clock';
import { FakeTimers } from '@ringfence/testing/fake-timers';
import { GeneratedHistory } from '@ringfence/testing/generated-history';
import { SeededRandom } from '@ringfence/testing/seeded-random';
import { readDeadLetter } from '../command-topic/dead-letter.js';
import type { ReactorCheckpoints } from '@ringfence/ports/checkpoints/reactor-checkpoints';
import { PartitionReader } from '@ringfence/wire/feed/partition-reader';
import { watermarkType } from '@ringfence/wire/feed/feed-record';
import { AccountTopicsBridge, type BridgeParts, lookEveryMs } from './account-topics-bridge.js';
import { accountWatermarkEveryMs } from '@ringfence/event-feed/account-topics/account-events';
import { passedBytesMax } from './passed-command.js';

const topics = topicsOf('ringfence');
const lanes = 64;
const all = 100_000;

/** The state that outlives the processes: log, topics and checkpoints; and one time for all. */
class World {
  readonly clock = new FakeClock();
  readonly timers = new FakeTimers(this.clock);
  readonly log = new MemoryLog();
  readonly store = new MemoryEventStore(this.log, this.clock);
  readonly broker = new MemoryBroker();
  readonly bus = new MemoryMessageBus(this.broker);
  readonly history = new GeneratedHistory({ accounts: 3 });
  readonly errors: unknown[] = [];
  readonly served: string[] = [];
  readonly #saved = new Map<string, { next: number; epoch: number }>();

  static async open(): Promise<World> {
    const world = new World();
    await world.bus.ensureTopics(topicSpecs(topics, lanes, 1));
    await world.history.appendTo(world.store, 200);
    return world;
  }

  get accounts(): readonly AccountId[] {
    return this.history.accountIds;
  }

  get logId(): LogId {
    const [first] = this.log.events;
    if (first === undefined) throw new Error('nothing was appended yet');
    return decodeEvent(first.bytes).logId;
  }

  grant(account: AccountId): Promise<void> {
    return this.bus.ensureTopics(accountTopicSpecs(accountTopicsOf(topics, account), 1));
  }

  start(
    accountBus: BridgeParts['accountBus'] = this.bus,
    bus: Pick<MessageBus, 'publish'> = this.bus,
  ): AccountTopicsBridge {
    const { store, timers, clock, logId } = this;
    return AccountTopicsBridge.start({
      topics,
      laneCount: lanes,
      logId,
      store,
      bus,
      accountBus,
      checkpoints: this.checkpoints,
      timers,
      clock,
      owner: 'spec',
      host: {
        serving: (account, served) => this.served.push(`${account} ${String(served)}`),
        onRetryableError: (_account, cause) => this.errors.push(cause),
      },
    });
  }

  readonly checkpoints: ReactorCheckpoints = {
    take: (reactor) => {
      const saved = this.#saved.get(reactor) ?? { next: 0, epoch: 0 };
      saved.epoch += 1;
      this.#saved.set(reactor, saved);
      const { epoch } = saved;
      return Promise.resolve({
        next: position(saved.next),
        save: (next) => {
          if (saved.epoch !== epoch) return Promise.reject(new Failure('reactor_lease_lost', 'another has it', false));
          saved.next = next;
          return Promise.resolve();
        },
      });
    },
    close: () => Promise.resolve(),
  };

  held(topic: string, partition = 0) {
    return this.broker.page(topic, partition, 0n, all);
  }

  /** Reads as any reader of a feed does: drops duplicates, stops at what is missing. */
  read(account: AccountId) {
    const reader = new PartitionReader({ partition: 0, partitions: 1, logId: this.logId }, position(0));
    const records = this.held(accountTopicsOf(topics, account).events).flatMap((each) => reader.take(each) ?? []);
    return records.flatMap((record) => (record.kind === 'event' ? [record.event.position] : []));
  }

  positionsOf(account: AccountId) {
    return this.log.events.filter(({ stream }) => stream === account).map((event) => event.position);
  }
}

function command(account: AccountId, id: string, changes: Partial<OutgoingMessage> = {}, subject: string = account) {
  const attributes = { id, source: 'urn:spec', type: 'ringfence.command.place_call.v1', subject, time: null };
  const headers = binaryHeaders({ ...attributes, extensions: { replyto: '0.c', replytopic: topics.events } });
  const { commands: topic } = accountTopicsOf(topics, account);
  return { topic, key: 'any', headers, value: Buffer.from('{}'), ...changes };
}

let world: World;
let account: AccountId;
let other: AccountId;

beforeEach(async () => {
  world = await World.open();
  [account, other] = world.accounts as [AccountId, AccountId];
  await world.grant(account);
});

describe('commands in an account’s own topic', () => {
  const ids = () => world.held(topics.commands, laneOf(account, lanes)).map(({ headers }) => headers['ce_id']);

  it('go on to the lane of the account, with the word where the reply belongs, which no client can say', async () => {
    const bridge = world.start();
    const sent = command(account, 'one');
    await world.bus.publish([sent]);
    await world.timers.advance(10);
    expect(world.held(topics.commands, laneOf(account, lanes))).toMatchObject([
      {
        key: account,
        headers: { ...sent.headers, ce_replytopic: accountTopicsOf(topics, account).replies },
        value: sent.value,
      },
    ]);
    await bridge.stop();
  });

  it('that speak for another account go on to the lane of their sender’s, with the topic that they came by', async () => {
    const bridge = world.start();
    const own = accountTopicsOf(topics, account).replies;
    const sent = [other, 'platform', '+15005550000'].map((subject) => command(account, subject, {}, subject));
    await world.bus.publish(sent);
    await world.timers.advance(10);
    expect(world.held(topics.commands, laneOf(account, lanes))).toMatchObject(
      sent.map(({ headers }) => ({ key: account, headers: { ...headers, ce_replytopic: own } })),
    );
    expect(world.held(topics.deadLetters)).toEqual([]);
    await bridge.stop();
  });

  it('that are none become dead letters with the reason and their place', async () => {
    const bridge = world.start();
    const payload = command(account, 'wish');
    const signed = { ...payload, headers: { ...payload.headers, ce_type: 'ringfence.wish.add_credit.v1' } };
    const none = command(account, 'none', { headers: { note: 'x' }, value: Buffer.from('hello') });
    const huge = command(account, 'huge', { value: Buffer.alloc(passedBytesMax) });
    await world.bus.publish([signed, none, huge, command(account, 'right')]);
    await world.timers.advance(10);
    const letters = world.held(topics.deadLetters).flatMap((each) => readDeadLetter(each) ?? []);
    const { topic } = payload;
    expect(letters).toMatchObject([
      { reason: expect.stringContaining('no command that a client can give'), offset: 0n, topic },
      { reason: expect.stringContaining('content-type'), offset: 1n, topic },
      { reason: expect.stringContaining('bytes'), offset: 2n, topic },
    ]);
    // What they held may be personal.
    expect(letters.map(({ withheld, message }) => [withheld, message.value.length])).toEqual(
      letters.map(() => [true, 0]),
    );
    expect(ids()).toEqual(['right']);
    await bridge.stop();
  });

  it('that no reader can decode become a dead letter with their place, and hold up nothing', async () => {
    const bridge = world.start();
    const own = accountTopicsOf(topics, account).commands;
    world.broker.appendUndecodable(own, 0, 'it cannot be decoded: unknown compression');
    await world.bus.publish([command(account, 'behind')]);
    await world.timers.advance(10);
    const letters = world.held(topics.deadLetters).flatMap((each) => readDeadLetter(each) ?? []);
    expect(letters).toMatchObject([
      { reason: expect.stringContaining('unknown compression'), topic: own, offset: 0n, withheld: true },
    ]);
    expect(ids()).toEqual(['behind']);
    await bridge.stop();
  });

  it('are passed on once while nothing fails, also by the next process', async () => {
    const first = world.start();
    await world.bus.publish([command(account, 'one'), command(account, 'two')]);
    await world.timers.advance(10);
    await first.stop();
    await world.bus.publish([command(account, 'three')]);
    const second = world.start();
    await world.timers.advance(10);
    expect(ids()).toEqual(['one', 'two', 'three']);
    await second.stop();
  });

  it('count as consumed only when what became of them is durable', async () => {
    let away = true;
    const bus = {
      publish: (messages: readonly OutgoingMessage[]) =>
        away ? Promise.reject(busFailures.bus_unavailable(new Error('away'))) : world.bus.publish(messages),
    };
    const first = world.start(world.bus, bus);
    await world.bus.publish([command(account, 'one')]);
    await world.timers.advance(10);
    expect(world.errors).toContainEqual(expect.objectContaining({ code: 'bus_unavailable' }));
    await first.stop();
    away = false;
    const second = world.start(world.bus, bus);
    await world.timers.advance(10);
    expect(ids()).toEqual(['one']);
    await second.stop();
  });

  it('are left alone by one that was replaced: what it passes on late is no offset of its successor’s', async () => {
    const old = world.start();
    await world.timers.advance(10);
    const successor = await world.checkpoints.take(`account_commands:${account}`, 'successor');
    await world.bus.publish([command(account, 'one')]);
    await world.timers.advance(10);
    await world.bus.publish([command(account, 'two')]);
    await world.timers.advance(10);
    expect(ids()).toEqual(['one']);
    expect(successor.next).toBe(0);
    await old.stop();
    const next = world.start();
    await world.timers.advance(10);
    expect(ids()).toEqual(['one', 'one', 'two']);
    await next.stop();
  });
});

describe('events of an account in its own topic', () => {
  it('are all of its events, in order, and nobody else’s, from the first one on', async () => {
    const bridge = world.start();
    await world.timers.advance(10);
    expect(world.positionsOf(account).length).toBeGreaterThan(20);
    expect(world.read(account)).toEqual(world.positionsOf(account));
    await world.history.appendTo(world.store, 300);
    await world.timers.advance(10);
    expect(world.read(account)).toEqual(world.positionsOf(account));
    const { events: topic } = accountTopicsOf(topics, account);
    const streams = world.held(topic).flatMap(({ headers }) => headers['ce_stream'] ?? []);
    expect(new Set(streams)).toEqual(new Set([account]));
    const own = world.log.events.filter(({ stream }) => stream === account);
    const events = world.held(topic).filter(({ headers }) => headers['ce_type'] !== watermarkType);
    expect(events.map(({ value }) => Buffer.from(value))).toEqual(own.map(({ bytes }) => Buffer.from(bytes)));
    await bridge.stop();
  });

  it('go on where the topic ends, whichever process copies them', async () => {
    const first = world.start();
    await world.timers.advance(10);
    await first.stop();
    await world.history.appendTo(world.store, 300);
    const second = world.start();
    await world.timers.advance(10);
    const { events: topic } = accountTopicsOf(topics, account);
    const copied = world.held(topic).filter(({ headers }) => headers['ce_type'] !== watermarkType);
    expect(copied).toHaveLength(world.positionsOf(account).length);
    expect(world.read(account)).toEqual(world.positionsOf(account));
    await second.stop();
  });

  it('are followed by the word how far the topic is, while nothing happens too', async () => {
    const bridge = world.start();
    await world.timers.advance(3 * accountWatermarkEveryMs + 10);
    const { events: topic } = accountTopicsOf(topics, account);
    const watermarks = world.held(topic).filter(({ headers }) => headers['ce_type'] === watermarkType);
    expect(watermarks.length).toBeGreaterThanOrEqual(3);
    const latest = JSON.parse(Buffer.from(watermarks.at(-1)?.value ?? []).toString()) as { readonly head: string };
    expect(latest.head).toBe(String(world.log.events.length));
    await bridge.stop();
  });

  it('are followed by it in turn: while nothing happens, once a second over all accounts', async () => {
    await world.grant(other);
    const bridge = world.start();
    await world.timers.advance(3_000);
    const watermarks = () =>
      [account, other].map(
        (each) =>
          world.held(accountTopicsOf(topics, each).events).filter(({ headers }) => headers['ce_type'] === watermarkType)
            .length,
      );
    const before = watermarks();
    await world.timers.advance(20_000);
    expect(watermarks().map((count, at) => count - (before[at] ?? 0))).toEqual([10, 10]);
    await bridge.stop();
  });

  it('begin when the account gets its topics, and end when it has none any more', async () => {
    const bridge = world.start();
    await world.timers.advance(10);
    await world.grant(other);
    await world.timers.advance(lookEveryMs);
    expect(world.read(other)).toEqual(world.positionsOf(other));
    expect(world.served).toEqual([`${account} true`, `${other} true`]);
    await bridge.stop();
  });

  it('have no gap, whatever publication fails, with or without having arrived, and whichever process goes on', async () => {
    for (let seed = 1; seed <= 40; seed += 1) {
      world = await World.open();
      await world.grant(account);
      const random = new SeededRandom(seed);
      const { bus } = world;
      const accountBus = {
        topicNames: () => bus.topicNames(),
        ranges: (topic: string) => bus.ranges(topic),
        follow: (following: Following) => bus.follow(following),
        followDecodable: (following: Following<DecodedItem>) => bus.followDecodable(following),
        publish: async (messages: readonly OutgoingMessage[]) => {
          if (random.chance(200)) throw busFailures.bus_unavailable(new Error('not published'));
          await bus.publish(random.chance(100) ? [...messages, ...messages] : messages);
          if (random.chance(200)) throw busFailures.bus_unavailable(new Error('published'));
        },
      };
      let bridges = [world.start(accountBus)];
      for (let round = 0; round < 12; round += 1) {
        await world.history.appendTo(world.store, 20);
        await world.timers.advance(random.chance(500) ? 10 : 700);
        if (!random.chance(400)) continue;
        // Its successor may come before it has gone.
        const successor = world.start(accountBus);
        await world.timers.advance(300);
        await Promise.all(bridges.map((bridge) => bridge.stop()));
        bridges = [successor];
      }
      await world.timers.advance(5_000);
      await Promise.all(bridges.map((bridge) => bridge.stop()));
      expect([seed, world.read(account)]).toEqual([seed, world.positionsOf(account)]);
    }
  }, 60_000);

  it('are refused to a topic that holds another log, or more than the log does', async () => {
    const first = world.start();
    await world.timers.advance(10);
    await first.stop();
    const shorter = await World.open();
    Object.assign(shorter, { broker: world.broker, bus: world.bus });
    const { length } = world.held(accountTopicsOf(topics, account).events);
    await world.history.appendTo(world.store, 300);
    const ahead = world.start();
    await world.timers.advance(10);
    await ahead.stop();
    const behind = shorter.start();
    await shorter.timers.advance(10);
    expect(shorter.errors).toContainEqual(expect.objectContaining({ code: 'log_behind_topic' }));
    expect(world.held(accountTopicsOf(topics, account).events).length).toBeGreaterThan(length);
    await behind.stop();
  });
});
