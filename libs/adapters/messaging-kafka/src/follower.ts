import type { Consumer } from '@platformatic/kafka';
import type { UncommittedItem } from '@ringfence/ports/message-bus/message';
import type { Following, PartitionRange } from '@ringfence/ports/message-bus/message-bus';
import type { Taking } from '@ringfence/ports/message-bus/taking';
import type { KafkaConnection } from './kafka-connection.js';
import { PartitionReaders } from './partition-readers.js';
import { offsetOf } from './reading-place.js';

/**
 * Reads partitions of a topic, independently of other readers. No group is involved: joining takes a while, and a new
 * group keeps its first member waiting for others (3 s by default).
 */
export class Follower<Item extends UncommittedItem> {
  readonly #readers: PartitionReaders<Item>;

  constructor(
    connection: KafkaConnection,
    private readonly following: Following<Item>,
    taking: Taking<Item>,
    client: Pick<Consumer, 'metadata'>,
    private readonly ranges: () => Promise<readonly PartitionRange[]>,
  ) {
    this.#readers = new PartitionReaders(connection, { reading: following, taking, client, ranges });
  }

  /** Starts reading; `next` is counted from here on. */
  async begin(): Promise<void> {
    const ranges = await this.ranges();
    for (const [partition, start] of this.following.from)
      this.#readers.begin(partition, offsetOf(start, ranges[partition]));
  }

  async leave(): Promise<void> {
    await this.#readers.stopFetching();
    await this.#readers.end(this.#readers.partitions);
    await this.#readers.close();
  }
}
