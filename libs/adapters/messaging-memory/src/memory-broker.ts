import { murmur2 } from '@ringfence/kernel/lane';
import type { BusMessage, OutgoingMessage } from '@ringfence/messaging/message';
import type { PartitionRange } from '@ringfence/messaging/message-bus';
import { busFailures } from '@ringfence/messaging/failures';
import type { TopicSpec } from '@ringfence/messaging/topic-spec';
import { MemoryGroup } from './memory-group.js';

/** Messages that a partition keeps; the oldest go first. */
export const retainedMessagesMax = 100_000;

type Partition = { first: bigint; readonly messages: BusMessage[] };
type Topic = { readonly spec: TopicSpec; readonly partitions: readonly Partition[] };

/** The topics of one process, and who reads them. Nothing outlives the process. */
export class MemoryBroker {
  readonly #topics = new Map<string, Topic>();
  readonly #groups = new Map<string, MemoryGroup>();
  readonly #readers = new Set<(topic: string) => void>();

  ensure(spec: TopicSpec): string | undefined {
    const found = this.#topics.get(spec.name);
    if (found === undefined) {
      const partitions = Array.from({ length: spec.partitions }, () => ({ first: 0n, messages: [] }));
      this.#topics.set(spec.name, { spec, partitions });
      return undefined;
    }
    if (found.partitions.length === spec.partitions) return undefined;
    return `${spec.name} has ${String(found.partitions.length)} partitions, it needs ${String(spec.partitions)}`;
  }

  names(): readonly string[] {
    return [...this.#topics.keys()];
  }

  append({ partition, ...message }: OutgoingMessage): void {
    const { partitions } = this.#topic(message.topic);
    const number = partition ?? (murmur2(message.key) & 0x7fffffff) % partitions.length;
    const into = this.#partition(message.topic, number);
    const offset = into.first + BigInt(into.messages.length);
    const value = Uint8Array.from(message.value);
    into.messages.push({ ...message, value, headers: { ...message.headers }, partition: number, offset });
    if (into.messages.length <= retainedMessagesMax) return;
    into.messages.shift();
    into.first += 1n;
  }

  /** Wakes whoever reads this topic. */
  appended(topic: string): void {
    for (const reader of this.#readers) reader(topic);
  }

  onAppended(reader: (topic: string) => void): () => void {
    this.#readers.add(reader);
    return () => this.#readers.delete(reader);
  }

  page(topic: string, number: number, from: bigint, limit: number): readonly BusMessage[] {
    const { first, messages } = this.#partition(topic, number);
    const start = Number((from < first ? first : from) - first);
    return messages.slice(start, start + limit);
  }

  ranges(topic: string): readonly PartitionRange[] {
    const { partitions } = this.#topic(topic);
    return partitions.map(({ first, messages }) => ({ first, next: first + BigInt(messages.length) }));
  }

  group(topic: string, name: string): MemoryGroup {
    const key = JSON.stringify([topic, name]);
    const found = this.#groups.get(key) ?? new MemoryGroup(this.#topic(topic).partitions.length);
    this.#groups.set(key, found);
    return found;
  }

  #topic(name: string): Topic {
    const topic = this.#topics.get(name);
    if (topic === undefined) throw busFailures.bus_unavailable(new Error(`there is no topic ${name}`));
    return topic;
  }

  #partition(topic: string, number: number): Partition {
    const partition = this.#topic(topic).partitions[number];
    if (partition === undefined) throw new RangeError(`${topic} has no partition ${String(number)}`);
    return partition;
  }
}
