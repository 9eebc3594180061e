import type { RecordedEvent } from '@ringfence/ports/log/event-store';
import type { LogId } from '@ringfence/kernel/ids';
import { type EpochMs, epochMs, type Position, position } from '@ringfence/kernel/units';
import type { BusMessage } from '@ringfence/ports/message-bus/message';
import { PartitionReader } from '@ringfence/wire/feed/partition-reader';

/**
 * Events that may wait for earlier ones. Beyond that all are dropped, and the log is read until the topic has caught
 * up.
 */
export const waitingEventsMax = 16_384;

type MergeParts = { readonly partitions: number; readonly logId: LogId };

type Part = {
  readonly reader: PartitionReader;
  /** Position from which no event of the partition is missing; undefined: nothing was read yet. */
  from: Position | undefined;
  /** Moment of the last watermark: every event of the partition in the log at that moment has arrived. */
  timeMs: number;
};

/**
 * Merges all partitions back into the order of the log. Positions are dense and each is in exactly one partition, so
 * the next event is known by its position; no watermark is needed for that.
 */
export class TopicMerge {
  readonly #parts: readonly Part[];
  readonly #waiting = new Map<Position, RecordedEvent>();
  #next: Position;

  /** @param next the first position needed */
  constructor({ partitions, logId }: MergeParts, next: Position) {
    this.#next = next;
    this.#parts = Array.from({ length: partitions }, (_, partition) => ({
      reader: new PartitionReader({ partition, partitions, logId }, null),
      from: undefined,
      timeMs: Number.NEGATIVE_INFINITY,
    }));
  }

  /** The first position that has not been passed. */
  get next(): Position {
    return this.#next;
  }

  /** The moment up to which every partition has reported, by the relay's clock; -Infinity: some have not. */
  get lastRecordAtMs(): number {
    return Math.min(...this.#parts.map(({ timeMs }) => timeMs));
  }

  /**
   * Says whether the topic has every event from `next` on; if not, earlier ones must be read elsewhere and passed.
   */
  get covers(): boolean {
    return this.#parts.every(({ from }) => from !== undefined && from <= this.#next);
  }

  /**
   * A moment up to which everything in the log has been passed; undefined: events are ready that have not been. All
   * partitions have reported since that moment, and the events that they announced have arrived.
   */
  get seenAllAtMs(): EpochMs | undefined {
    const drained = this.covers && !this.#waiting.has(this.#next);
    return drained && Number.isFinite(this.lastRecordAtMs) ? epochMs(this.lastRecordAtMs) : undefined;
  }

  /**
   * @param nowMs by our clock: a watermark that claims to be newer is ignored, and so is one received before the clock
   * was set back
   * @throws as `PartitionReader.take`
   */
  take(partition: number, messages: readonly BusMessage[], nowMs: EpochMs): void {
    const part = this.#parts[partition];
    if (part === undefined) return;
    for (const message of messages) {
      const record = part.reader.take(message);
      if (record === null) continue;
      part.from ??= position(record.previous === null ? 0 : record.previous.position + 1);
      if (record.kind === 'watermark') part.timeMs = Math.min(nowMs, Math.max(part.timeMs, record.timeMs));
      else if (record.link.position >= this.#next) this.#waiting.set(record.link.position, record.event);
    }
    if (this.#waiting.size > waitingEventsMax) this.#forget();
  }

  /**
   * Returns at most `limit` events from `next` on, up to the first gap. They count as passed only after `passTo`.
   */
  ready(limit: number): readonly RecordedEvent[] {
    const events: RecordedEvent[] = [];
    if (!this.covers) return events;
    for (let at = this.#next; events.length < limit; at = position(at + 1)) {
      const event = this.#waiting.get(at);
      if (event === undefined) break;
      events.push(event);
    }
    return events;
  }

  /** Marks everything below `next` as seen, from topic or log. */
  passTo(next: Position): void {
    if (next - this.#next > this.#waiting.size) {
      for (const at of this.#waiting.keys()) if (at < next) this.#waiting.delete(at);
    } else for (let at = this.#next; at < next; at = position(at + 1)) this.#waiting.delete(at);
    this.#next = next;
  }

  #forget(): void {
    this.#waiting.clear();
    for (const part of this.#parts) part.from = part.reader.through ?? undefined;
  }
}
