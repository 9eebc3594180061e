import { murmur2 } from '@ringfence/kernel/lane';
import {
  type BusMessage,
  isMessage,
  type OutgoingMessage,
  type UncommittedItem,
} from '@ringfence/ports/message-bus/message';
import type { PartitionRange, TransactionPlace } from '@ringfence/ports/message-bus/message-bus';
import type { Isolation } from '@ringfence/ports/message-bus/taking';
import { busFailures } from '@ringfence/ports/message-bus/failures';
import type { TopicSpec } from '@ringfence/ports/message-bus/topic-spec';
import { MemoryGroup } from './memory-group.js';

/** The most items that a partition keeps; beyond it the oldest are dropped. */
const retainedMessagesMax = 100_000;

export type TransactionFate = 'open' | 'committed' | 'aborted';
/** The item at one offset, and the fate of its transaction; null: it belongs to none. */
type Stored = { readonly item: UncommittedItem; readonly producer: bigint | null; fate: TransactionFate | null };
/** Partition of a topic. `open`: number of stored items in open transactions. */
type Partition = { first: bigint; open: number; readonly stored: Stored[] };
type Topic = { readonly spec: TopicSpec; readonly partitions: readonly Partition[] };

/** The topics of one process and their readers. Nothing outlives the process. */
export class MemoryBroker {
  readonly #topics = new Map<string, Topic>();
  readonly #groups = new Map<string, MemoryGroup>();
  readonly #readers = new Set<(topic: string) => void>();

  ensure(spec: TopicSpec): string | undefined {
    const found = this.#topics.get(spec.name);
    if (found === undefined) {
      const partitions = Array.from({ length: spec.partitions }, () => ({ first: 0n, open: 0, stored: [] }));
      this.#topics.set(spec.name, { spec, partitions });
      return undefined;
    }
    if (found.partitions.length === spec.partitions) return undefined;
    return `${spec.name} has ${String(found.partitions.length)} partitions, it needs ${String(spec.partitions)}`;
  }

  names(): readonly string[] {
    return [...this.#topics.keys()];
  }

  /** @param producer whose open transaction it belongs to; null: it belongs to none */
  append({ partition, ...message }: OutgoingMessage, producer: bigint | null = null): void {
    const { partitions } = this.#topic(message.topic);
    const number = partition ?? (murmur2(message.key) & 0x7fffffff) % partitions.length;
    const value = Uint8Array.from(message.value);
    this.#store(message.topic, number, producer, (offset) => ({
      ...message,
      value,
      headers: { ...message.headers },
      partition: number,
      offset,
    }));
  }

  /** A batch of one record that no reader can decode. */
  appendUndecodable(topic: string, partition: number, reason = 'it cannot be decoded'): void {
    this.#store(topic, partition, null, (offset) => ({
      kind: 'undecodable',
      topic,
      partition,
      offset,
      next: offset + 1n,
      reason,
    }));
  }

  /** Ends the transaction of a producer, in every partition of the topic where it has written. */
  endTransaction(topic: string, producer: bigint, committed: boolean): void {
    for (const [number, partition] of this.#topic(topic).partitions.entries()) {
      const open = partition.stored.filter((each) => each.producer === producer && each.fate === 'open');
      if (open.length === 0) continue;
      partition.open -= open.length;
      for (const each of open) each.fate = committed ? 'committed' : 'aborted';
      this.#store(topic, number, null, (offset) => ({
        kind: 'transaction_end',
        topic,
        partition: number,
        offset,
        producer,
        committed,
      }));
    }
    this.appended(topic);
  }

  /** Lists all transactions with their messages and fates. */
  transactional(topic: string): readonly { readonly message: BusMessage; readonly fate: TransactionFate }[] {
    return this.#topic(topic).partitions.flatMap(({ stored }) =>
      stored.flatMap(({ item, fate }) => (fate !== null && isMessage(item) ? { message: item, fate } : [])),
    );
  }

  remove(topic: string): void {
    this.#topics.delete(topic);
  }

  /** Drops the oldest items of a partition, as their age would. */
  trim(topic: string, number: number, count: number): void {
    const partition = this.#partition(topic, number);
    partition.first += BigInt(partition.stored.splice(0, count).length);
  }

  /** Wakes the readers of this topic. */
  appended(topic: string): void {
    for (const reader of this.#readers) reader(topic);
  }

  onAppended(reader: (topic: string) => void): () => void {
    this.#readers.add(reader);
    return () => this.#readers.delete(reader);
  }

  /** Returns messages that are outside of transactions, or in committed ones. */
  page(topic: string, number: number, from: bigint, limit: number): readonly BusMessage[] {
    return this.items(topic, number, from, limit, 'committed').filter(isMessage);
  }

  items(topic: string, number: number, from: bigint, limit: number, isolation: Isolation): readonly UncommittedItem[] {
    const partition = this.#partition(topic, number);
    const { first, stored } = partition;
    const end = endOf(partition, isolation);
    const found: UncommittedItem[] = [];
    for (let at = Number((from < first ? first : from) - first); at < end && found.length < limit; at += 1)
      found.push(...itemsOf(stored[at], isolation));
    return found;
  }

  /** Returns the records of a transaction, whether it was committed or not. */
  transaction({ topic, partition, transaction }: TransactionPlace): readonly BusMessage[] {
    const { first, stored } = this.#partition(topic, partition);
    const { producer, first: from, end } = transaction;
    return stored
      .slice(Number((from < first ? first : from) - first), Number(end - first))
      .flatMap(({ item, producer: own }) => (own === producer && isMessage(item) ? item : [])); // prettier-ignore
  }

  ranges(topic: string, isolation: Isolation = 'committed'): readonly PartitionRange[] {
    const { partitions } = this.#topic(topic);
    return partitions.map((partition) => {
      const { first } = partition;
      return { first, next: first + BigInt(endOf(partition, isolation)) };
    });
  }

  group(topic: string, name: string): MemoryGroup {
    const key = JSON.stringify([topic, name]);
    const found = this.#groups.get(key) ?? new MemoryGroup(this.#topic(topic).partitions.length);
    this.#groups.set(key, found);
    return found;
  }

  #store(topic: string, number: number, producer: bigint | null, itemAt: (offset: bigint) => UncommittedItem): void {
    const into = this.#partition(topic, number);
    const item = itemAt(into.first + BigInt(into.stored.length));
    into.stored.push({ item, producer, fate: producer === null ? null : 'open' });
    if (producer !== null) into.open += 1;
    if (into.stored.length <= retainedMessagesMax) return;
    into.stored.shift();
    into.first += 1n;
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

/** Returns how many stored items a reader sees: all, or those before the first open transaction. */
function endOf({ stored, open }: Partition, isolation: Isolation): number {
  return isolation === 'uncommitted' || open === 0 ? stored.length : stored.findIndex(({ fate }) => fate === 'open');
}

function itemsOf(stored: Stored | undefined, isolation: Isolation): readonly UncommittedItem[] {
  if (stored === undefined) return [];
  const { item, producer, fate } = stored;
  if (isolation === 'committed')
    return fate === 'aborted' || ('kind' in item && item.kind === 'transaction_end') ? [] : [item];
  if (producer === null) return [item];
  const { topic, partition, offset } = item;
  return [{ kind: 'pending', topic, partition, offset, next: offset + 1n, producer }];
}
