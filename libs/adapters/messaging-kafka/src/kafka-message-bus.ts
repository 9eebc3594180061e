import { Consumer, FetchIsolationLevels, ListOffsetTimestamps } from '@platformatic/kafka';
import { Failure } from '@ringfence/kernel/failure';
import { busFailures } from '@ringfence/ports/message-bus/failures';
import type { DecodedItem, OutgoingMessage, UncommittedItem } from '@ringfence/ports/message-bus/message';
import type {
  Following,
  HandOver,
  Joining,
  Membership,
  MessageBus,
  PartitionRange,
  RangePlace,
  TransactionPlace,
} from '@ringfence/ports/message-bus/message-bus';
import type { TopicSpec } from '@ringfence/ports/message-bus/topic-spec';
import { CoalescingProducer } from './coalescing-producer.js';
import { decodable, everything, type Isolation, messagesAlone, type Taking } from '@ringfence/ports/message-bus/taking';
import { BatchFetcher } from './fetching.js';
import { Follower } from './follower.js';
import { GroupReader } from './group-reader.js';
import { clientOptions, type KafkaConnection, questionRetriesMax } from './kafka-connection.js';
import { ensureTopics, topicNames } from './topic-admin.js';
import { type RangeReadingParts, recordsOfRange, recordsOfTransaction } from './range-reading.js';
import { checkZstd } from '@ringfence/runtime/node-zstd';

/** Reader of some partitions, until it leaves. */
type Reader = {
  readonly begin: () => Promise<void>;
  readonly leave: (handOver?: HandOver) => Promise<void>;
};

/** The bus on Apache Kafka. */
export class KafkaMessageBus implements MessageBus {
  readonly #producer: CoalescingProducer;
  /** Requests offsets; member of no group. */
  readonly #offsets: Consumer;
  readonly #readers = new Set<Reader>();
  #closed = false;

  /** @throws Failure `node_without_zstd` */
  constructor(private readonly connection: KafkaConnection) {
    checkZstd();
    this.#producer = new CoalescingProducer(connection);
    this.#offsets = new Consumer({
      ...clientOptions(connection),
      retries: questionRetriesMax,
      groupId: `${connection.clientId}.offsets`,
    });
  }

  async ensureTopics(specs: readonly TopicSpec[]): Promise<void> {
    // Not waited for: the first message may be due much later.
    void this.#producer.prepare();
    await this.#mapErrors(() => ensureTopics(this.connection, specs));
  }

  async topicNames(): Promise<readonly string[]> {
    return this.#mapErrors(() => topicNames(this.connection));
  }

  async publish(messages: readonly OutgoingMessage[]): Promise<void> {
    await this.#producer.publish(messages);
  }

  async join(joining: Joining): Promise<Membership> {
    return this.#join(joining, messagesAlone);
  }

  async follow(following: Following): Promise<Membership> {
    return this.#follow(following, messagesAlone);
  }

  async joinUncommitted(joining: Joining<UncommittedItem>): Promise<Membership> {
    return this.#join(joining, everything);
  }

  async followDecodable(following: Following<DecodedItem>): Promise<Membership> {
    return this.#follow(following, decodable);
  }

  async *readTransaction(place: TransactionPlace): AsyncIterable<readonly DecodedItem[]> {
    yield* this.#fetched(place.topic, (parts) => recordsOfTransaction(parts, place));
  }

  async *readRange(place: RangePlace): AsyncIterable<readonly DecodedItem[]> {
    yield* this.#fetched(place.topic, (parts) => recordsOfRange(parts, place));
  }

  ranges(topic: string): Promise<readonly PartitionRange[]> {
    return this.#ranges(topic, 'committed');
  }

  uncommittedRanges(topic: string): Promise<readonly PartitionRange[]> {
    return this.#ranges(topic, 'uncommitted');
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#readers].map((reader) => reader.leave()));
    this.#readers.clear();
    await this.#producer.close();
    await this.#offsets.close(true);
  }

  async *#fetched(
    topic: string,
    read: (parts: RangeReadingParts) => AsyncIterable<readonly DecodedItem[]>,
  ): AsyncIterable<readonly DecodedItem[]> {
    if (this.#closed) throw busFailures.bus_closed();
    const fetcher = new BatchFetcher(this.connection);
    const ranges = () => this.uncommittedRanges(topic);
    try {
      yield* read({ fetcher, client: this.#offsets, ranges, isClosed: () => this.#closed });
    } finally {
      await fetcher.close();
    }
  }

  async #ranges(topic: string, isolation: Isolation): Promise<readonly PartitionRange[]> {
    const isolationLevel = FetchIsolationLevels[isolation === 'committed' ? 'READ_COMMITTED' : 'READ_UNCOMMITTED'];
    const [first, next] = await this.#mapErrors(() =>
      Promise.all(
        [ListOffsetTimestamps.EARLIEST, ListOffsetTimestamps.LATEST].map((timestamp) =>
          this.#offsets.listOffsets({ topics: [topic], timestamp, isolationLevel }),
        ),
      ),
    );
    const ends = next?.get(topic) ?? [];
    return (first?.get(topic) ?? []).map((begin, partition) => ({ first: begin, next: ends[partition] ?? begin }));
  }

  async #follow<Item extends UncommittedItem>(following: Following<Item>, taking: Taking<Item>): Promise<Membership> {
    const ranges = () => this.#ranges(following.topic, taking.isolation);
    return this.#reading(new Follower(this.connection, following, taking, this.#offsets, ranges));
  }

  async #join<Item extends UncommittedItem>(joining: Joining<Item>, taking: Taking<Item>): Promise<Membership> {
    const ranges = () => this.#ranges(joining.topic, taking.isolation);
    return this.#reading(new GroupReader(this.connection, joining, taking, ranges));
  }

  async #reading(reader: Reader): Promise<Membership> {
    if (this.#closed) throw busFailures.bus_closed();
    // From now on: a member that its group does not accept keeps trying until it leaves.
    this.#readers.add(reader);
    const leave = async (handOver?: HandOver) => {
      if (this.#readers.delete(reader)) await reader.leave(handOver);
    };
    try {
      await this.#mapErrors(() => reader.begin());
    } catch (failure) {
      await leave();
      throw failure;
    }
    if (!this.#readers.has(reader)) throw busFailures.bus_closed();
    return { leave };
  }

  async #mapErrors<Answer>(question: () => Promise<Answer>): Promise<Answer> {
    if (this.#closed) throw busFailures.bus_closed();
    try {
      return await question();
    } catch (failure) {
      throw failure instanceof Failure ? failure : busFailures.bus_unavailable(failure);
    }
  }
}
