import type { LogId } from '@ringfence/kernel/ids';
import { laneOf } from '@ringfence/kernel/lane';
import { type Position, position } from '@ringfence/kernel/units';
import type { BusMessage } from '@ringfence/ports/message-bus/message';
import { afterLink, type ChainLink, sameLink } from './feed-chain.js';
import { type EventRecord, type FeedRecord, readFeedRecord, type WatermarkRecord } from './feed-record.js';
import { feedFailures } from './feed-failures.js';

export type ReadingOf = { readonly partition: number; readonly partitions: number; readonly logId: LogId };

/** Reads one partition in order and returns what is new. Repeated records are dropped; a missing one is a failure. */
export class PartitionReader {
  #epoch = 0;
  #through: Position | undefined;
  /** Link of the last event; undefined: unknown, because the reader began behind it or has not begun. */
  #last: ChainLink | null | undefined;

  /**
   * @param through position below which all events of the partition have been seen; null: reading begins with the next
   * record
   */
  constructor(
    private readonly of: ReadingOf,
    through: Position | null,
  ) {
    this.#through = through ?? undefined;
  }

  /**
   * Returns the position below which all events of the partition have been seen or precede the first record read; null:
   * nothing was read yet.
   */
  get through(): Position | null {
    return this.#through ?? null;
  }

  /** Starts over with the next record; missed events are read elsewhere. */
  restart(): void {
    this.#through = undefined;
    this.#last = undefined;
  }

  /**
   * @returns null: the message contains nothing new
   * @throws Failure `feed_gap`, `topic_of_other_log`, `feed_record_malformed`
   */
  take(message: BusMessage): FeedRecord | null {
    const record = readFeedRecord(message);
    this.#checkPlace(message, record);
    // From a relay that lost its lease while a batch was in flight. Its successor has published, or will publish, the
    // same.
    if (record.epoch < this.#epoch) return null;
    this.#epoch = record.epoch;
    if (this.#through === undefined) {
      this.#through = afterLink(record.previous);
      this.#last = record.previous;
    }
    return record.kind === 'event'
      ? this.#takeEvent(message, record, this.#through)
      : this.#takeWatermark(message, record, this.#through);
  }

  #takeEvent(message: BusMessage, record: EventRecord, through: Position): FeedRecord | null {
    if (record.link.position < through) return null;
    this.#checkChain(message, record, through);
    this.#through = position(record.link.position + 1);
    this.#last = record.link;
    return record;
  }

  #takeWatermark(message: BusMessage, record: WatermarkRecord, through: Position): FeedRecord | null {
    if (record.head < through) return null;
    this.#checkChain(message, record, through);
    this.#through = record.head;
    this.#last = record.previous;
    return record;
  }

  #checkPlace({ topic, partition, offset }: BusMessage, record: FeedRecord): void {
    const { partitions, logId } = this.of;
    if (record.logId !== logId) throw feedFailures.topic_of_other_log(topic, partition, record.logId);
    if (record.kind === 'event' && laneOf(record.event.stream, partitions) !== partition)
      throw feedFailures.feed_record_malformed(topic, partition, offset, 'its stream belongs to another partition');
  }

  /** Checks that a record beyond everything seen follows the last event seen. */
  #checkChain({ topic, partition, offset }: BusMessage, { previous }: FeedRecord, through: Position): void {
    const missing = previous !== null && previous.position >= through;
    if (!missing && (this.#last === undefined || sameLink(previous, this.#last))) return;
    const seen = this.#last === undefined ? `position ${String(through)}` : nameOf(this.#last);
    throw feedFailures.feed_gap(
      topic,
      partition,
      offset,
      `it follows ${nameOf(previous)}, and we have seen up to ${seen}`,
    );
  }
}

function nameOf(link: ChainLink | null): string {
  return link === null ? 'nothing' : `${link.id} at position ${String(link.position)}`;
}
