import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { laneOf } from '@ringfence/kernel/lane';
import { platformStream } from '@ringfence/kernel/ids';
import { type BusMessage, messageBytesMax, type OutgoingMessage } from './message.js';
import type { Joining, Membership, MessageBus, ReadFrom } from './message-bus.js';
import { batchMessagesMax, intakeMessagesMax } from './partition-intake.js';
import type { TopicSpec } from './topic-spec.js';

/** One broker, and as many buses on it as a test asks for. Others may be at work there: what is ours begins with `prefix`. */
export type BrokerUnderTest = {
  readonly prefix: string;
  readonly open: () => MessageBus;
  readonly close: () => Promise<void>;
};

const partitionCount = 4;

/** What every adapter of the port must do. Runs inside a spec of the adapter. */
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

    it('tells the names of the topics that are there', async () => {
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

    it('puts a key where Apache Kafka’s own clients put it', async () => {
      const reader = await Reader.join(bus, { topic });
      const keys = [platformStream, ...texts('acc_', 20)];
      await bus.publish(keys.map((key) => ({ topic, key, headers: {}, value: Buffer.from(key) })));
      for (const { key, partition } of await reader.until(keys.length)) {
        expect(partition).toBe(laneOf(key as typeof platformStream, partitionCount));
      }
    }, 30_000);

    it('lets somebody follow some partitions, whoever else reads them', async () => {
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

    it('begins where it is told to: at an offset, at the oldest, after the newest', async () => {
      await bus.publish([0, 1, 2, 3].flatMap((partition) => texts('old', 3).map((text) => to(partition, text))));
      const starts = new Map<number, ReadFrom>([[0, 2n], [1, 'first'], [2, 'next'], [3, 3n]]); // prettier-ignore
      const reader = await Reader.join(bus, { topic, starts });
      await bus.publish([0, 1, 2, 3].map((partition) => to(partition, 'new')));
      const read = await reader.until(8);
      const of = (partition: number) => read.filter((one) => one.partition === partition).map(textOf);
      expect([0, 1, 2, 3].map(of)).toEqual([['old2', 'new'], ['old0', 'old1', 'old2', 'new'], ['new'], ['new']]);
    }, 30_000);

    it('tells what each partition holds', async () => {
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
      expect(reader.troubles).toHaveLength(3);
    }, 30_000);

    it('lets no slow partition hold up the others, and forgets nothing of it', async () => {
      const count = intakeMessagesMax + 3 * batchMessagesMax;
      let goOn: () => void = () => undefined;
      const held = new Promise<void>((resolve) => {
        goOn = resolve;
      });
      const reader = await Reader.join(bus, { topic, before: (partition) => (partition === 0 ? held : undefined) });
      await bus.publish(texts('slow', count).map((text) => to(0, text)));
      await bus.publish(texts('quick', count).map((text) => to(1, text)));
      expect((await reader.until(count)).map(textOf)).toEqual(texts('quick', count));
      goOn();
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

type ReaderOptions = {
  readonly topic: string;
  readonly group?: string;
  readonly starts?: ReadonlyMap<number, ReadFrom>;
  readonly before?: (partition: number) => void | Promise<void>;
};

/** Reads into a list, and settles when the list is as long as was asked for. */
class Reader {
  readonly owned = new Set<number>();
  readonly troubles: unknown[] = [];
  readonly #read: BusMessage[] = [];
  readonly #watchers = new Set<() => void>();
  #membership: Membership | undefined;

  static async join(bus: MessageBus, { topic, group, starts, before }: ReaderOptions): Promise<Reader> {
    const reader = new Reader();
    const joining: Joining = {
      topic,
      group: `${topic}.${group ?? 'readers'}`,
      onAssigned: (partitions) => {
        reader.#told(() => {
          for (const partition of partitions) reader.owned.add(partition);
        });
        return Promise.resolve(starts ?? new Map<number, ReadFrom>());
      },
      onMessages: async (partition, batch) => {
        await before?.(partition);
        reader.#told(() => reader.#read.push(...batch));
      },
      onRevoked: (partitions) => {
        reader.#told(() => {
          for (const partition of partitions) reader.owned.delete(partition);
        });
        return Promise.resolve();
      },
      onTrouble: (cause) => {
        reader.troubles.push(cause);
      },
    };
    reader.#membership = await bus.join(joining);
    // Reading after the newest begins when the partitions are ours: what is published sooner is not seen.
    await reader.owns((owned) => owned.size > 0);
    return reader;
  }

  static async follow(bus: MessageBus, topic: string, from: ReadonlyMap<number, ReadFrom>): Promise<Reader> {
    const reader = new Reader();
    reader.#membership = await bus.follow({
      topic,
      from,
      onMessages: (_partition, batch) => {
        reader.#told(() => reader.#read.push(...batch));
        return Promise.resolve();
      },
      onTrouble: (cause) => {
        reader.troubles.push(cause);
      },
    });
    return reader;
  }

  async until(count: number): Promise<readonly BusMessage[]> {
    await this.#when(() => this.#read.length >= count);
    return [...this.#read];
  }

  async owns(enough: (owned: ReadonlySet<number>) => boolean): Promise<void> {
    await this.#when(() => enough(this.owned));
  }

  async leave(): Promise<void> {
    await this.#membership?.leave();
  }

  #told(change: () => void): void {
    change();
    for (const watcher of this.#watchers) watcher();
  }

  #when(reached: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (!reached()) return;
        this.#watchers.delete(look);
        resolve();
      };
      this.#watchers.add(look);
      look();
    });
  }
}
