import type { BusMessage, CommittedTransaction, DecodedItem, OutgoingMessage, UncommittedItem } from './message.js';
import type { TopicSpec } from './topic-spec.js';

/**
 * Topics of ordered partitions that many processes share. Every method may throw Failure `bus_unavailable` (retryable) or `bus_closed`.
 */
export interface MessageBus {
  /** Makes the topics that are missing and checks the others. @throws Failure `topic_settings_wrong`: the message says what to change */
  ensureTopics(specs: readonly TopicSpec[]): Promise<void>;
  /** Of all topics that we may see, whosever they are; in no order. */
  topicNames(): Promise<readonly string[]>;
  /**
   * Durable when it settles: every replica that must have the messages has them. Messages of one key stand in the order of the calls. After a rejection
   * they may or may not be there.
   * @throws Failure `message_too_large`, `bus_overloaded` (retryable): nothing was published
   */
  publish(messages: readonly OutgoingMessage[]): Promise<void>;
  /** Takes a share of the topic's partitions until `leave`. Each partition is read by one member of the group, but for the moments after a member was cut off. */
  join(joining: Joining): Promise<Membership>;
  /** Reads some partitions of a topic until `leave`, whoever else reads them. Within a partition in order. */
  follow(following: Following): Promise<Membership>;
  /**
   * As `join`, for a topic that is written by many: it waits for no open transaction, and is not stopped by what cannot be decoded. The reader is told where transactions begin and
   * end, and fetches what was committed with `readTransaction`.
   */
  joinUncommitted(joining: Joining<UncommittedItem>): Promise<Membership>;
  /** As `follow`, and not stopped by what cannot be decoded. */
  followDecodable(following: Following<DecodedItem>): Promise<Membership>;
  /** The records of a committed transaction, in their order and in bounded pages. What the topic does not hold any more is left out. */
  readTransaction(place: TransactionPlace): AsyncIterable<readonly DecodedItem[]>;
  /**
   * What stands between two places of a partition at this moment, in its order and in bounded pages, but for aborted transactions; it never waits for more. What the topic does not hold any
   * more is left out.
   */
  readRange(place: RangePlace): AsyncIterable<readonly DecodedItem[]>;
  /** Of each partition, by its number: what the topic still holds; `next` is where a reader by `join` or `follow` is at the end. */
  ranges(topic: string): Promise<readonly PartitionRange[]>;
  /** As `ranges`, whose `next` is where a reader by `joinUncommitted` is at the end: open transactions included. */
  uncommittedRanges(topic: string): Promise<readonly PartitionRange[]>;
  close(): Promise<void>;
}

/** `first`: the oldest offset held. `next`: that of the next message to be written. */
export type PartitionRange = { readonly first: bigint; readonly next: bigint };

/** Where reading begins: at an offset, at the oldest message that is held, or after what was the newest when it was asked. An offset that is held no more begins at the oldest. */
export type ReadFrom = bigint | 'first' | 'next';

export type TransactionPlace = {
  readonly topic: string;
  readonly partition: number;
  readonly transaction: CommittedTransaction;
};

/** `end`: the first offset that is not wanted, at most the `next` that `ranges` told. */
export type RangePlace = {
  readonly topic: string;
  readonly partition: number;
  readonly first: bigint;
  readonly end: bigint;
};

export type Joining<Item = BusMessage> = {
  readonly topic: string;
  /** Without white space. */
  readonly group: string;
  /** These partitions are ours from now on. Nothing of them comes before it settles. A rejection has it asked again after a pause. */
  readonly onAssigned: (partitions: readonly number[]) => Promise<ReadonlyMap<number, ReadFrom>>;
  /** In order, one batch of a partition at a time, many partitions at once. A rejection has the same batch come again after a pause. */
  readonly onMessages: (partition: number, batch: readonly Item[]) => Promise<void>;
  /** These partitions are somebody else's. No more of them comes; the batch under way has settled. */
  readonly onRevoked: (partitions: readonly number[]) => Promise<void>;
  /**
   * Begins the hand-over of partitions that the group gives to another member: they are read on until its answers name them. Left out: reading ends at
   * once, and nobody reads them until the other member does.
   */
  readonly handOver?: () => HandOver;
  /** Something failed that is tried again. */
  readonly onRetryableError: (cause: unknown) => void;
};

export type Following<Item = BusMessage> = Pick<Joining<Item>, 'topic' | 'onMessages' | 'onRetryableError'> & {
  /** Which partitions, and where reading each of them begins. Held fast: `'next'` is what was next when `follow` was asked. */
  readonly from: ReadonlyMap<number, ReadFrom>;
};

export type Membership = {
  /**
   * Settles when the batches under way have, and the group knows.
   * @param handOver lets the group know first: what nobody has taken yet is read on meanwhile
   */
  readonly leave: (handOver?: HandOver) => Promise<void>;
};

/**
 * Asked again and again while a member still reads partitions that are not its own any more; it waits a while by itself. Must not reject.
 * @returns those that others have taken, and those that are not to be waited for any longer
 */
export type HandOver = (partitions: readonly number[]) => Promise<readonly number[]>;
