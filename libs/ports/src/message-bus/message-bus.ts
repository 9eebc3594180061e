import type { BusMessage, CommittedTransaction, DecodedItem, OutgoingMessage, UncommittedItem } from './message.js';
import type { TopicSpec } from './topic-spec.js';

/**
 * Topics of ordered partitions that many processes share. Every method may throw Failure `bus_unavailable` (retryable)
 * or `bus_closed`.
 */
export interface MessageBus {
  /**
   * Creates missing topics and checks the others.
   * @throws Failure `topic_settings_wrong`, whose message says what to change
   */
  ensureTopics(specs: readonly TopicSpec[]): Promise<void>;
  /** Names of all visible topics, of any owner; in no order. */
  topicNames(): Promise<readonly string[]>;
  /**
   * Settles when the messages are durable on every required replica. Messages of one key keep the order of the calls.
   * After a rejection they may or may not have been published.
   * @throws Failure `message_too_large`, `bus_overloaded` (retryable): nothing was published
   */
  publish(messages: readonly OutgoingMessage[]): Promise<void>;
  /**
   * Takes a share of the topic's partitions until `leave`. Each partition is read by one member of the group, except in
   * the moments after a member was cut off.
   */
  join(joining: Joining): Promise<Membership>;
  /** Reads some partitions of a topic until `leave`, independently of other readers; in order within a partition. */
  follow(following: Following): Promise<Membership>;
  /**
   * Joins like `join`, for a topic with many producers: it waits for no open transaction, and is not stopped by a batch
   * that cannot be decoded. The reader learns where transactions begin and end, and fetches committed ones with
   * `readTransaction`.
   */
  joinUncommitted(joining: Joining<UncommittedItem>): Promise<Membership>;
  /** Follows like `follow`, and is not stopped by a batch that cannot be decoded. */
  followDecodable(following: Following<DecodedItem>): Promise<Membership>;
  /**
   * The records of a committed transaction, in order and in bounded pages. Records that the topic no longer holds are
   * left out.
   */
  readTransaction(place: TransactionPlace): AsyncIterable<readonly DecodedItem[]>;
  /**
   * Reads the present records between two offsets of a partition, in order and in bounded pages, without aborted
   * transactions; never waits for more. Records that the topic no longer holds are left out.
   */
  readRange(place: RangePlace): AsyncIterable<readonly DecodedItem[]>;
  /** Returns what the topic still holds, by partition; `next` is where a reader by `join` or `follow` is at the end. */
  ranges(topic: string): Promise<readonly PartitionRange[]>;
  /**
   * Returns the same as `ranges`, with `next` where a reader by `joinUncommitted` is at the end: open transactions
   * included.
   */
  uncommittedRanges(topic: string): Promise<readonly PartitionRange[]>;
  close(): Promise<void>;
}

/** `first`: the oldest offset held. `next`: that of the next message to be written. */
export type PartitionRange = { readonly first: bigint; readonly next: bigint };

/**
 * Start of a reading: an offset, the oldest message that is held, or the one after the newest at the time of the call.
 * An offset that is no longer held means the oldest.
 */
export type ReadFrom = bigint | 'first' | 'next';

export type TransactionPlace = {
  readonly topic: string;
  readonly partition: number;
  readonly transaction: CommittedTransaction;
};

/** `end`: the first offset not to be read, at most the `next` of `ranges`. */
export type RangePlace = {
  readonly topic: string;
  readonly partition: number;
  readonly first: bigint;
  readonly end: bigint;
};

export type Joining<Item = BusMessage> = {
  readonly topic: string;
  /** Name of the group, without white space. */
  readonly group: string;
  /**
   * Takes over these partitions. None of their messages is delivered before it settles. After a rejection it is called
   * again after a pause.
   */
  readonly onAssigned: (partitions: readonly number[]) => Promise<ReadonlyMap<number, ReadFrom>>;
  /**
   * Handles a batch: in order, one batch of a partition at a time, many partitions at once. After a rejection the same
   * batch is delivered again after a pause.
   */
  readonly onMessages: (partition: number, batch: readonly Item[]) => Promise<void>;
  /**
   * Gives up these partitions, which another member has now. No more of their messages are delivered; the current batch
   * has settled.
   */
  readonly onRevoked: (partitions: readonly number[]) => Promise<void>;
  /**
   * Begins the hand-over of partitions that the group gives to another member: they are read on until its answers name
   * them. Left out: reading ends at once, and nobody reads them until the other member does.
   */
  readonly handOver?: () => HandOver;
  /** Called for each failure that is retried. */
  readonly onRetryableError: (cause: unknown) => void;
};

export type Following<Item = BusMessage> = Pick<Joining<Item>, 'topic' | 'onMessages' | 'onRetryableError'> & {
  /**
   * The partitions to read, and where reading each of them begins. Fixed at the call: `'next'` is what was next when
   * `follow` was called.
   */
  readonly from: ReadonlyMap<number, ReadFrom>;
};

export type Membership = {
  /**
   * Settles when the current batches have settled and the group has been notified.
   * @param handOver notifies the group first; partitions that no member has taken yet are read on meanwhile
   */
  readonly leave: (handOver?: HandOver) => Promise<void>;
};

/**
 * Called repeatedly while a member still reads partitions that are no longer its own; it does its own waiting. Must not
 * reject.
 * @returns those that others have taken, and those that need not be waited for any longer
 */
export type HandOver = (partitions: readonly number[]) => Promise<readonly number[]>;
