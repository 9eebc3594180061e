import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Membership } from '@ringfence/ports/message-bus/message-bus';
import { testKafka } from '@ringfence/testing/kafka/broker-chain';
import type { TestKafka } from '@ringfence/testing/kafka/test-kafka';
import { KafkaMessageBus } from './kafka-message-bus.js';

const partitionCount = 12;
const all = Array.from({ length: partitionCount }, (_, partition) => partition);

let kafka: TestKafka;
let topic: string;
let bus: KafkaMessageBus;
const buses: KafkaMessageBus[] = [];
/** Lets batches go on that a test holds, also where it fails before it does. */
let goOn: () => void = () => undefined;

beforeAll(async () => {
  kafka = await testKafka();
  bus = openBus();
  topic = `${kafka.prefix}rebalance`;
  await bus.ensureTopics([
    { name: topic, partitions: partitionCount, replicas: { copies: 1, inSyncMin: 1 }, retention: { kind: 'forever' } },
  ]);
}, 120_000);
afterEach(() => {
  goOn();
});
afterAll(async () => {
  for (const each of buses) await each.close();
  await kafka.discard();
}, 60_000);

function openBus(): KafkaMessageBus {
  const opened = new KafkaMessageBus({ brokers: kafka.brokers, clientId: `${kafka.prefix}${randomUUID()}` });
  buses.push(opened);
  return opened;
}

/** Records its calls, in order. */
class GroupMember {
  readonly owned = new Set<number>();
  /** `+3`: partition 3 was given; `-3`: it was taken. */
  readonly changes: string[] = [];
  readonly read: string[] = [];
  /** Settles batches of these partitions when these promises do. */
  readonly slow = new Map<number, Promise<void>>();
  #membership: Membership | undefined;
  readonly #watchers = new Set<() => void>();

  async join(group: string): Promise<this> {
    this.#membership = await openBus().join({
      topic,
      group,
      onAssigned: (partitions) => {
        for (const partition of partitions) {
          this.owned.add(partition);
          this.changes.push(`+${String(partition)}`);
        }
        this.#look();
        return Promise.resolve(new Map(partitions.map((partition) => [partition, 'next'])));
      },
      onMessages: async (partition, batch) => {
        await this.slow.get(partition);
        this.read.push(...batch.map(({ value }) => Buffer.from(value).toString()));
        this.#look();
      },
      onRevoked: (partitions) => {
        for (const partition of partitions) {
          this.owned.delete(partition);
          this.changes.push(`-${String(partition)}`);
        }
        this.#look();
        return Promise.resolve();
      },
      onRetryableError: () => undefined,
    });
    return this;
  }

  async leave(): Promise<void> {
    await this.#membership?.leave();
  }

  until(holds: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!holds()) return;
        this.#watchers.delete(look);
        resolve();
      };
      this.#watchers.add(look);
      look();
    });
  }

  #look(): void {
    for (const watcher of this.#watchers) watcher();
  }
}

describe('a group of consumers', () => {
  it('takes from each of two what a third gets, and leaves everything else alone', async () => {
    const group = `${topic}.${randomUUID()}`;
    const first = await new GroupMember().join(group);
    await first.until(() => first.owned.size === partitionCount);
    const second = await new GroupMember().join(group);
    await second.until(() => second.owned.size === 6);
    await first.until(() => first.owned.size === 6);
    const before = [new Set(first.owned), new Set(second.owned)];
    for (const each of [first, second]) each.changes.length = 0;
    const third = await new GroupMember().join(group);
    await third.until(() => third.owned.size === 4);
    await first.until(() => first.owned.size === 4);
    await second.until(() => second.owned.size === 4);
    expect(new Set([...first.owned, ...second.owned, ...third.owned])).toEqual(new Set(all));
    for (const [at, each] of [first, second].entries()) {
      const lost = [...(before[at] ?? [])].filter((partition) => third.owned.has(partition));
      expect(lost).toHaveLength(2);
      expect(each.changes.toSorted()).toEqual(lost.map((partition) => `-${String(partition)}`).sort());
    }
    await Promise.all([first, second, third].map((each) => each.leave()));
  }, 60_000);

  it('goes on with what stays while a partition that goes has a batch under way', async () => {
    const group = `${topic}.${randomUUID()}`;
    const first = await new GroupMember().join(group);
    await first.until(() => first.owned.size === partitionCount);
    const held = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    // The assigner takes the lowest numbers away.
    for (const partition of [0, 1, 2, 3, 4, 5]) first.slow.set(partition, held);
    const publish = (text: string, partitions: readonly number[]) =>
      bus.publish(
        partitions.map((partition) => ({
          topic,
          key: 'k',
          partition,
          headers: {},
          value: Buffer.from(`${text} ${String(partition)}`),
        })),
      );
    await publish('before', all);
    await first.until(() => first.read.length === 6);
    const second = await new GroupMember().join(group);
    await second.until(() => second.owned.size === 6);
    expect([...second.owned].sort()).toEqual([0, 1, 2, 3, 4, 5]);
    expect(first.changes.filter((changes) => changes.startsWith('-'))).toEqual([]);
    await publish('after', all);
    await first.until(() => first.read.filter((text) => text.startsWith('after')).length === 6);
    await second.until(() => second.read.length === 6);
    expect(second.read.every((text) => text.startsWith('after'))).toBe(true);
    goOn();
    await first.until(() => first.owned.size === 6);
    expect(first.read.filter((text) => text.startsWith('before'))).toHaveLength(partitionCount);
    await Promise.all([first, second].map((each) => each.leave()));
  }, 60_000);
});
