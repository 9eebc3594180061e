import type { RecordedEvent } from '@ringfence/ports/log/event-store';
import type { LogId } from '@ringfence/kernel/ids';
import { type EpochMs, epochMs, type Position, position } from '@ringfence/kernel/units';
import type { BusMessage } from '@ringfence/ports/message-bus/message';
import { PartitionReader } from '@ringfence/wire/feed/partition-reader';

/**
 * Events that wait for those before them. Beyond that all are forgotten, and the log has to be read until the topic is
 * level again.
 */
export const waitingEventsMax = 16_384;

type MergeParts = { readonly partitions: number; readonly logId: LogId };

type Part = {
  readonly reader: PartitionReader;
  /** Position from which on nothing of the partition was missed; undefined: nothing was read yet. */
  from: Position | undefined;
  /** Moment of its last watermark: every event of it that the log held then is here. */
  timeMs: number;
};

/**
 * All partitions, merged back into the order of the log. Positions are dense and each is in one partition, so the next
 * event is known by its position: no watermark has to say that nothing comes before it.
 */
export class TopicMerge {
  readonly #parts: readonly Part[];
  readonly #waiting = new Map<Position, RecordedEvent>();
  #next: Position;

  /** @param next the first position that is wanted */
  constructor({ partitions, logId }: MergeParts, next: Position) {
    this.#next = next;
    this.#parts = Array.from({ length: partitions }, (_, partition) => ({
      reader: new PartitionReader({ partition, partitions, logId }, null),
      from: undefined,
      timeMs: Number.NEGATIVE_INFINITY,
    }));
  }

  /** The first position that was neither drained nor passed. */
  get next(): Position {
    return this.#next;
  }

  /** The moment up to which every partition has reported, on the relay's clock; -Infinity: some has not. */
  get heardAtMs(): number {
    return Math.min(...this.#parts.map(({ timeMs }) => timeMs));
  }

  /**
   * Says whether every event from `next` on comes out of the topic; if not, those before must be read elsewhere and be
   * passed.
   */
  get covers(): boolean {
    return this.#parts.every(({ from }) => from !== undefined && from <= this.#next);
  }

  /**
   * A moment of which everything that the log held has been drained or passed; undefined: something is ready that has
   * not. What a partition announced has come before, and all partitions have reported since that moment.
   */
  get seenAllAtMs(): EpochMs | undefined {
    const drained = this.covers && !this.#waiting.has(this.#next);
    return drained && Number.isFinite(this.heardAtMs) ? epochMs(this.heardAtMs) : undefined;
  }

  /**
   * @param nowMs on our clock: a watermark that claims to be younger is not believed, nor one that was heard before the
   * clock was set back
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
   * Events from `next` on, as far as there is no gap, at most `limit`. They are not behind us before `passTo` says so.
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

  /** Marks everything below `next` as seen, wherever it came from. */
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
