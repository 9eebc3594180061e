import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { laneOf } from '@ringfence/kernel/lane';
import { platformStream } from '@ringfence/kernel/ids';
import { Failure } from '@ringfence/kernel/failure';
import {
  behind,
  type BusMessage,
  type DecodedItem,
  isMessage,
  messageBytesMax,
  type OutgoingMessage,
  type PendingRecords,
  type TransactionEnd,
  type UncommittedItem,
} from './message.js';
import { ItemReader, Reader } from './contract-readers.js';
import type { HandOver, MessageBus, ReadFrom } from './message-bus.js';
import { batchMessagesMax, intakeMessagesMax } from './partition-intake.js';
import type { TopicSpec } from './topic-spec.js';

/**
 * One broker, and as many buses on it as a test asks for. Others may be at work there: what is ours begins with
 * `prefix`.
 */
type BrokerUnderTest = {
  readonly prefix: string;
  readonly open: () => MessageBus;
  /** Writes messages in a transaction of a producer of its own, and leaves it open. */
  readonly transact: (messages: readonly OutgoingMessage[]) => Promise<OpenTransaction>;
  /** Writes a batch of one record that no reader can decode. */
  readonly writeUndecodable: (topic: string, partition: number) => Promise<void>;
  readonly close: () => Promise<void>;
};

type OpenTransaction = { readonly end: (how: 'commit' | 'abort') => Promise<void> };

const partitionCount = 4;

/** Runs the contract of every adapter of the port, inside a spec of the adapter. */
export function messageBusContract(name: string, startBroker: () => Promise<BrokerUnderTest>): void {
  describe(`the message bus: ${name}`, () => {
    let broker: BrokerUnderTest;
    let bus: MessageBus;
    let topic: string;
    let topicCount = 0;
    const opened: MessageBus[] = [];
    const open = () => {
      const made = broker.open();
      opened.push(made);
      return made;
    };
    const spec = (changes: Partial<TopicSpec> = {}): TopicSpec => ({
      name: topic,
      partitions: partitionCount,
      replicas: { copies: 1, inSyncMin: 1 },
      retention: { kind: 'forever' },
      ...changes,
    });
    const to = (partition: number, text: string): OutgoingMessage => ({
      topic,
      key: 'k',
      partition,
      headers: {},
      value: Buffer.from(text),
    });
    const texts = (prefix: string, count: number) => Array.from({ length: count }, (_, at) => `${prefix}${String(at)}`);

    beforeAll(async () => {
      broker = await startBroker();
    }, 120_000);
    beforeEach(async () => {
      topicCount += 1;
      topic = `${broker.prefix}contract.${String(topicCount)}`;
      bus = open();
      await bus.ensureTopics([spec()]);
    }, 30_000);
    afterEach(async () => {
      for (const one of opened.splice(0)) await one.close();
    }, 30_000);
    afterAll(() => broker.close(), 60_000);

    it('lists the names of existing topics', async () => {
      const other = `${topic}-other`;
      await bus.ensureTopics([spec({ name: other })]);
      const names = await bus.topicNames();
      expect(names).toEqual(expect.arrayContaining([topic, other]));
      expect(names).not.toContain(`${topic}-another`);
    }, 30_000);

    it('gives keys, headers and bytes back as they were, in the order they were published', async () => {
      const value = Uint8Array.from([0, 255, 10, 13, 128]);
      const headers = { ce_id: 'id-1', 'content-type': 'application/json', ce_note: 'grüße ✓' };
      const reader = await Reader.join(bus, { topic });
      await bus.publish([{ topic, key: 'k-1', partition: 2, headers, value }, to(2, 'second')]);
      await bus.publish([to(2, 'third')]);
      const [first, ...others] = await reader.until(3);
      expect(first).toMatchObject({ topic, key: 'k-1', partition: 2, offset: 0n, headers });
      expect([...(first?.value ?? [])]).toEqual([...value]);
      expect(others.map(textOf)).toEqual(['second', 'third']);
    }, 30_000);

    /** A broker acknowledges the end of a transaction before its marker is in the partition. */
    const untilDecided = async (offset: bigint): Promise<void> => {
      let decided = 0n;
      while (decided < offset) decided = (await bus.ranges(topic))[0]?.next ?? 0n;
    };

    it('shows nothing of a transaction before it is committed, and nothing of one that is aborted', async () => {
      const reader = await Reader.follow(bus, topic, new Map([[0, 'first']]));
      const aborted = await broker.transact([to(0, 'aborted')]);
      await aborted.end('abort');
      await untilDecided(2n);
      const open = await broker.transact([to(0, 'in a transaction')]);
      await bus.publish([to(0, 'behind it')]);
      const waiting = (await bus.ranges(topic))[0]?.next;
      expect((await bus.uncommittedRanges(topic))[0]?.next).toBe((waiting ?? 0n) + 2n);
      expect(await reader.until(0)).toEqual([]);
      await open.end('commit');
      expect((await reader.until(2)).map(textOf)).toEqual(['in a transaction', 'behind it']);
    }, 30_000);

    it('lets a reader that follows transactions itself go on behind an open one, and gives it the records once that is committed', async () => {
      const reader = await ItemReader.join(bus, topic);
      const [kept, dropped] = [await broker.transact([to(0, 'a'), to(0, 'b')]), await broker.transact([to(0, 'lost')])];
      await bus.publish([to(0, 'behind them')]);
      await reader.until((items) => items.some((item) => isMessage(item) && textOf(item) === 'behind them'));
      await dropped.end('abort');
      await reader.until((all) => all.some(isEnd));
      await kept.end('commit');
      const items = await reader.until((all) => all.filter(isEnd).length === 2); // prettier-ignore
      const pending = items.filter(isPending);
      const ends = items.filter(isEnd);
      expect(ends.map(({ producer, committed }) => [producer, committed])).toEqual([
        [pending.at(-1)?.producer, false],
        [pending[0]?.producer, true],
      ]);
      expect(items.map(({ offset }) => offset)).toEqual(items.map(({ offset }) => offset).sort(byNumber));
      const end = ends.at(-1)?.offset ?? 0n;
      const transaction = { producer: pending[0]?.producer ?? 0n, first: pending[0]?.offset ?? 0n, end };
      const pages = bus.readTransaction({ topic, partition: 0, transaction });
      const records: DecodedItem[] = [];
      for await (const page of pages) records.push(...page);
      expect(records.map((item) => (isMessage(item) ? [textOf(item), item.offset] : item))).toEqual([
        ['a', 0n],
        ['b', 1n],
      ]);
    }, 30_000);

    it('gives a part of a partition as it is, without aborted records, and waits for nothing', async () => {
      const aborted = await broker.transact([to(0, 'aborted')]);
      await aborted.end('abort');
      await untilDecided(2n);
      await bus.publish([to(0, 'a'), to(0, 'b')]);
      await broker.writeUndecodable(topic, 0);
      const kept = await broker.transact([to(0, 'kept')]);
      await kept.end('commit');
      await untilDecided(7n);
      const read = async (first: bigint, end: bigint) => {
        const items: DecodedItem[] = [];
        for await (const page of bus.readRange({ topic, partition: 0, first, end })) items.push(...page);
        return items.map((item) => (isMessage(item) ? textOf(item) : [item.kind, item.offset]));
      };
      const { next } = (await bus.ranges(topic))[0] ?? { next: 0n };
      expect(await read(0n, next)).toEqual(['a', 'b', ['undecodable', 4n], 'kept']);
      // Behind the last of them lies the marker of a transaction alone.
      expect(await read(next - 1n, next)).toEqual([]);
      expect(await read(0n, 1n)).toEqual([]);
      expect(await read(3n, 4n)).toEqual(['b']);
      expect(await read(next, next + 5n)).toEqual([]);
    }, 30_000);

    it('steps over what nobody can decode where that is asked for, and stops there where it is not', async () => {
      await bus.publish([to(0, 'before')]);
      await broker.writeUndecodable(topic, 0);
      await bus.publish([to(0, 'after')]);
      const [stepping, stopped] = [
        await ItemReader.join(bus, topic),
        await Reader.follow(bus, topic, new Map([[0, 'first']])),
      ];
      const decodable = await ItemReader.follow(bus, topic);
      for (const reader of [stepping, decodable]) {
        const items = await reader.until((all) => all.length === 3);
        expect(items.map((item) => (isMessage(item) ? textOf(item) : [item.kind, item.offset, behind(item)]))).toEqual([
          'before',
          ['undecodable', 1n, 2n],
          'after',
        ]);
      }
      await stopped.onRetryableError((failure) => failure instanceof Failure && failure.code === 'batch_undecodable');
      expect((await stopped.until(1)).map(textOf)).toEqual(['before']);
    }, 30_000);

    it('puts a key where Apache Kafka’s own clients put it', async () => {
      const reader = await Reader.join(bus, { topic });
      const keys = [platformStream, ...texts('acc_', 20)];
      await bus.publish(keys.map((key) => ({ topic, key, headers: {}, value: Buffer.from(key) })));
      for (const { key, partition } of await reader.until(keys.length)) {
        expect(partition).toBe(laneOf(key as typeof platformStream, partitionCount));
      }
    }, 30_000);

    it('lets several readers follow the same partitions', async () => {
      await bus.publish([to(1, 'old'), to(2, 'old')]);
      const group = await Reader.join(bus, { topic });
      const [one, other] = await Promise.all([
        Reader.follow(bus, topic, new Map<number, ReadFrom>([[1, 'next'], [2, 'first']])), // prettier-ignore
        Reader.follow(open(), topic, new Map<number, ReadFrom>([[2, 1n]])),
      ]);
      await bus.publish([to(0, 'zero'), to(1, 'one'), to(2, 'two'), to(3, 'three')]);
      expect((await one.until(3)).map(textOf).sort()).toEqual(['old', 'one', 'two']);
      expect((await other.until(1)).map(textOf)).toEqual(['two']);
      expect((await group.until(6)).length).toBe(6);
      await one.leave();
      await bus.publish([to(2, 'last')]);
      expect((await other.until(2)).map(textOf)).toEqual(['two', 'last']);
      expect(await one.until(0)).toHaveLength(3);
    }, 30_000);

    it('begins where it is asked to: at an offset, at the oldest, after the newest', async () => {
      await bus.publish([0, 1, 2, 3].flatMap((partition) => texts('old', 3).map((text) => to(partition, text))));
      const starts = new Map<number, ReadFrom>([[0, 2n], [1, 'first'], [2, 'next'], [3, 3n]]); // prettier-ignore
      const reader = await Reader.join(bus, { topic, starts });
      await bus.publish([0, 1, 2, 3].map((partition) => to(partition, 'new')));
      const read = await reader.until(8);
      const of = (partition: number) => read.filter((one) => one.partition === partition).map(textOf);
      expect([0, 1, 2, 3].map(of)).toEqual([['old2', 'new'], ['old0', 'old1', 'old2', 'new'], ['new'], ['new']]);
    }, 30_000);

    it('reports what each partition holds', async () => {
      await bus.publish([to(1, 'a'), to(1, 'b'), to(3, 'c')]);
      expect(await bus.ranges(topic)).toEqual([0n, 2n, 0n, 1n].map((next) => ({ first: 0n, next })));
    }, 30_000);

    it('shares the partitions among the group; who comes later reads on from where it says', async () => {
      const first = await Reader.join(bus, { topic, group: 'shared' });
      await first.owns((owned) => owned.size === partitionCount);
      const second = await Reader.join(open(), { topic, group: 'shared' });
      await second.owns((owned) => owned.size === partitionCount / 2);
      await first.owns((owned) => owned.size === partitionCount / 2);
      expect(new Set([...first.owned, ...second.owned])).toEqual(new Set([0, 1, 2, 3]));

      await bus.publish([0, 1, 2, 3].map((partition) => to(partition, 'one')));
      await Promise.all([first.until(2), second.until(2)]);
      await second.leave();
      await first.owns((owned) => owned.size === partitionCount);
      await bus.publish([0, 1, 2, 3].map((partition) => to(partition, 'two')));
      const read = await first.until(2 + 2 + 4); // its own, the other's again from the beginning, and the new ones
      expect(read.slice(-6).map(textOf).sort()).toEqual(['one', 'one', 'two', 'two', 'two', 'two']);
    }, 60_000);

    it('reads on what nobody has taken yet of a member that leaves, once the group knows', async () => {
      const everything = [0, 1, 2, 3];
      const first = await Reader.join(bus, { topic, group: 'handed-over' });
      await first.owns((owned) => owned.size === partitionCount);
      const asked: (readonly number[])[] = [];
      await first.leave(async (partitions) => {
        asked.push([...partitions].sort());
        if (asked.length > 1) return partitions;
        const second = await Reader.join(open(), { topic, group: 'handed-over' });
        await second.owns((owned) => owned.size === partitionCount);
        await bus.publish(everything.map((partition) => to(partition, 'meanwhile')));
        await Promise.all([first.until(partitionCount), second.until(partitionCount)]);
        return [0];
      });
      expect(asked).toEqual([everything, [1, 2, 3]]);
      expect(first.owned.size).toBe(0);
      expect((await first.until(partitionCount)).map(textOf)).toEqual(everything.map(() => 'meanwhile'));
    }, 60_000);

    it('reads on what the group gives to another member, until its hand-over lets go of it', async () => {
      let release = (): void => undefined;
      const taken = new Promise<void>((resolve) => {
        release = resolve;
      });
      const asked: (readonly number[])[] = [];
      const handOver: HandOver = async (partitions) => {
        asked.push([...partitions].sort());
        await taken;
        return partitions.slice(0, 1);
      };
      const publish = (text: string) => bus.publish([0, 1, 2, 3].map((partition) => to(partition, text)));
      const first = await Reader.join(bus, { topic, group: 'given-away', handOver });
      await first.owns((owned) => owned.size === partitionCount);
      const second = await Reader.join(open(), { topic, group: 'given-away' });
      await second.owns((owned) => owned.size === partitionCount / 2);
      await publish('meanwhile');
      await Promise.all([first.until(partitionCount), second.until(partitionCount / 2)]);
      expect(first.owned.size).toBe(partitionCount);
      release();
      await first.owns((owned) => owned.size === partitionCount / 2);
      const given = [...second.owned].sort();
      expect(asked).toEqual([given, given.slice(1)]);
      await publish('after');
      await Promise.all([first.until(partitionCount + partitionCount / 2), second.until(partitionCount)]);
      expect(new Set([...first.owned, ...second.owned])).toEqual(new Set([0, 1, 2, 3]));
    }, 60_000);

    it('gives every group everything', async () => {
      const readers = await Promise.all(['a', 'b'].map((group) => Reader.join(bus, { topic, group })));
      await bus.publish(texts('m', 10).map((text) => to(0, text)));
      for (const reader of readers) expect((await reader.until(10)).map(textOf)).toEqual(texts('m', 10));
    }, 30_000);

    it('brings a batch again that its handler failed on, and in order', async () => {
      let failures = 3;
      const failOnce = () => {
        failures -= 1;
        if (failures >= 0) throw new Error('not now');
      };
      const reader = await Reader.join(bus, { topic, before: failOnce });
      await bus.publish(texts('m', 5).map((text) => to(0, text)));
      expect((await reader.until(5)).map(textOf)).toEqual(texts('m', 5));
      expect(reader.errors).toHaveLength(3);
    }, 30_000);

    it('lets no slow partition hold up the others, and forgets nothing of it', async () => {
      const count = intakeMessagesMax + 3 * batchMessagesMax;
      let resume: () => void = () => undefined;
      const held = new Promise<void>((resolve) => {
        resume = resolve;
      });
      const reader = await Reader.join(bus, { topic, before: (partition) => (partition === 0 ? held : undefined) });
      await bus.publish(texts('slow', count).map((text) => to(0, text)));
      await bus.publish(texts('quick', count).map((text) => to(1, text)));
      expect((await reader.until(count)).map(textOf)).toEqual(texts('quick', count));
      resume();
      expect((await reader.until(2 * count)).slice(count).map(textOf)).toEqual(texts('slow', count));
    }, 60_000);

    it('keeps the order of calls that do not wait for each other', async () => {
      const reader = await Reader.join(bus, { topic });
      await Promise.all(texts('m', 2_000).map((text) => bus.publish([to(0, text)])));
      expect((await reader.until(2_000)).map(textOf)).toEqual(texts('m', 2_000));
    }, 30_000);

    it('publishes in one call more than fits into one request', async () => {
      const reader = await Reader.join(bus, { topic });
      const large = texts('m', 6).map((text) => text.padEnd(messageBytesMax / 2, '.'));
      await bus.publish(large.map((text) => to(0, text)));
      expect((await reader.until(6)).map(textOf)).toEqual(large);
    }, 30_000);

    it('refuses a message that is too large, and nothing of its call is published', async () => {
      const large = to(0, 'x'.repeat(messageBytesMax));
      await expect(bus.publish([to(0, 'small'), large])).rejects.toMatchObject({ code: 'message_too_large' });
      expect((await bus.ranges(topic))[0]).toEqual({ first: 0n, next: 0n });
    }, 30_000);

    it('leaves a topic that is as it must be alone, and says what is wrong with another', async () => {
      await bus.publish([to(0, 'kept')]);
      await open().ensureTopics([spec()]);
      expect((await bus.ranges(topic))[0]?.next).toBe(1n);
      await expect(bus.ensureTopics([spec({ partitions: 8 })])).rejects.toMatchObject({
        code: 'topic_settings_wrong',
        message: expect.stringMatching(new RegExp(`${topic} has 4 partitions, it needs 8`)),
      });
    }, 30_000);

    it('refuses everything after it was closed', async () => {
      await bus.close();
      const asked = [bus.publish([to(0, 'late')]), bus.ranges(topic), bus.ensureTopics([spec()])];
      for (const one of asked) await expect(one).rejects.toMatchObject({ code: 'bus_closed' });
    }, 30_000);
  });
}

function textOf({ value }: BusMessage): string {
  return Buffer.from(value).toString();
}

function isPending(item: UncommittedItem): item is PendingRecords {
  return !isMessage(item) && item.kind === 'pending';
}

function isEnd(item: UncommittedItem): item is TransactionEnd {
  return !isMessage(item) && item.kind === 'transaction_end';
}

function byNumber(one: bigint, other: bigint): number {
  return one < other ? -1 : 1;
}
