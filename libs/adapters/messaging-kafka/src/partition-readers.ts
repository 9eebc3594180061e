import type { Consumer } from '@platformatic/kafka';
import { systemTimers } from '@ringfence/runtime/system-timers';
import type { UncommittedItem } from '@ringfence/ports/message-bus/message';
import type { Joining, PartitionRange } from '@ringfence/ports/message-bus/message-bus';
import { PartitionIntake } from '@ringfence/ports/message-bus/partition-intake';
import type { Taking } from '@ringfence/ports/message-bus/taking';
import { BatchFetcher } from './fetching.js';
import type { KafkaConnection } from './kafka-connection.js';
import { PartitionsReading } from './partitions-reading.js';

type PartitionReadersParts<Item extends UncommittedItem> = {
  readonly reading: Pick<Joining<Item>, 'topic' | 'onMessages' | 'onRetryableError'>;
  readonly taking: Taking<Item>;
  /** Looks up the leaders of the partitions. */
  readonly client: Pick<Consumer, 'metadata'>;
  readonly ranges: () => Promise<readonly PartitionRange[]>;
};

/** The partitions of one reader: each is fetched and handed on, in order, from its beginning until it is ended. */
export class PartitionReaders<Item extends UncommittedItem> {
  readonly #fetcher: BatchFetcher;
  readonly #fetching: PartitionsReading;
  readonly #intakes = new Map<number, PartitionIntake<Item>>();

  constructor(
    connection: KafkaConnection,
    private readonly parts: PartitionReadersParts<Item>,
  ) {
    const { reading, taking, client, ranges } = parts;
    const { topic, onRetryableError } = reading;
    this.#fetcher = new BatchFetcher(connection);
    this.#fetching = new PartitionsReading({
      topic,
      isolation: taking.isolation,
      fetcher: this.#fetcher,
      client,
      ranges,
      take: (item) => this.#take(item),
      onRetryableError,
    });
  }

  get partitions(): readonly number[] {
    return [...this.#intakes.keys()];
  }

  has(partition: number): boolean {
    return this.#intakes.has(partition);
  }

  /** Says whether a batch of the partition is in progress. */
  isBusy(partition: number): boolean {
    return this.#intakes.get(partition)?.busy === true;
  }

  begin(partition: number, from: bigint): void {
    const { onMessages, onRetryableError } = this.parts.reading;
    const onRoom = () => {
      this.#read(partition);
    };
    const parts = { timers: systemTimers, onMessages, onRetryableError, onRoom };
    this.#intakes.set(partition, new PartitionIntake<Item>(partition, from, parts));
    this.#read(partition);
  }

  /** Stops taking items of these partitions. Settles when their batches in progress have settled. */
  async end(partitions: readonly number[]): Promise<void> {
    const intakes = partitions.flatMap((partition) => this.#intakes.get(partition) ?? []);
    for (const partition of partitions) {
      this.#intakes.delete(partition);
      this.#fetching.drop(partition);
    }
    await Promise.all(intakes.map((intake) => intake.stop()));
  }

  /** Stops fetching. */
  async stopFetching(): Promise<void> {
    await this.#fetching.stop();
  }

  async close(): Promise<void> {
    await this.#fetcher.close().catch(this.parts.reading.onRetryableError);
  }

  /** Reads on from the place of the intake. */
  #read(partition: number): void {
    const intake = this.#intakes.get(partition);
    if (intake === undefined) return;
    intake.reading();
    this.#fetching.seek(partition, intake.next);
  }

  /** @returns whether reading goes on */
  #take(item: UncommittedItem): boolean {
    const intake = this.#intakes.get(item.partition);
    if (intake === undefined) return false;
    intake.offer(this.parts.taking.wanted(item));
    return !intake.missed;
  }
}
