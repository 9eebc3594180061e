import type { RecordedEvent } from '@ringfence/ports/log/event-store';
import { Failure } from '@ringfence/kernel/failure';
import type { Position } from '@ringfence/kernel/units';
import type { BusMessage } from '@ringfence/ports/message-bus/message';
import { afterLink, type ChainLink } from '@ringfence/wire/feed/feed-chain';
import type { FeedRecord } from '@ringfence/wire/feed/feed-record';
import { PartitionReader, type ReadingOf } from '@ringfence/wire/feed/partition-reader';

/**
 * Events of one partition that may wait to be taken. Beyond that they are dropped, and the log is read until the topic
 * has caught up.
 */
export const partitionWaitingEventsMax = 2_048;

/** A break in the chain: the next record claims to follow this one, which must be confirmed by the log. */
type GapRecovery = { readonly follows: ChainLink; readonly offset: bigint };

/** The records delivered by the topic for one partition, up to the first gap. */
export class PartitionBuffer {
  readonly #reader: PartitionReader;
  #from: Position | undefined;
  #waiting: RecordedEvent[] = [];
  #lastRecordAtMs = Number.NEGATIVE_INFINITY;
  #resumption: GapRecovery | null = null;

  constructor(readonly of: ReadingOf) {
    this.#reader = new PartitionReader(of, null);
  }

  /** Moment of the last record, on our monotonic clock. */
  get lastRecordAtMs(): number {
    return this.#lastRecordAtMs;
  }

  /** Confirmation pending from the log; until then no records are taken from the topic. */
  get resumption(): GapRecovery | null {
    return this.#resumption;
  }

  confirmed(): void {
    this.#resumption = null;
  }

  /** Says whether the topic delivers everything from there on. */
  covers(from: Position): boolean {
    return this.#from !== undefined && this.#from <= from && this.#resumption === null;
  }

  /**
   * @throws Failure `topic_of_other_log`, `feed_record_malformed`, and `feed_gap` for a gap that the log could not fill
   */
  take(messages: readonly BusMessage[], nowMs: number): void {
    for (const message of messages) {
      const record = this.#read(message);
      if (record === null) continue;
      this.#lastRecordAtMs = nowMs;
      this.#from ??= afterLink(record.previous);
      if (record.kind === 'event') this.#waiting.push(record.event);
    }
    if (this.#waiting.length > partitionWaitingEventsMax) {
      this.#waiting = [];
      this.#from = this.#reader.through ?? undefined;
    }
  }

  /**
   * Returns at most `limit` events from `from` on, if the buffer covers that position, and how far they reach. Earlier
   * events are dropped; the returned ones may be requested again.
   */
  after(from: Position, limit: number): { readonly events: readonly RecordedEvent[]; readonly to: Position } {
    const begin = this.#waiting.findIndex((event) => event.position >= from);
    this.#waiting.splice(0, begin === -1 ? this.#waiting.length : begin);
    if (this.#from !== undefined && this.#from < from) this.#from = from;
    const events = this.#waiting.slice(0, limit);
    const rest = this.#waiting[limit];
    const through = this.#reader.through ?? from;
    return { events, to: rest === undefined ? (through > from ? through : from) : rest.position };
  }

  #read(message: BusMessage): FeedRecord | null {
    const through = this.#reader.through;
    try {
      return this.#reader.take(message);
    } catch (failure) {
      if (!(failure instanceof Failure && failure.code === 'feed_gap') || through === null) throw failure;
      this.#reader.restart();
      const record = this.#reader.take(message);
      const follows = record?.previous ?? null;
      // Missing records ahead of us are in the log. Anything else is a different history.
      if (follows === null || follows.position < through) throw failure;
      this.#waiting = [];
      this.#from = undefined;
      this.#resumption = { follows, offset: message.offset };
      return record;
    }
  }
}
