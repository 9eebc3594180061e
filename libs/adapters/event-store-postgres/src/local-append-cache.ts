import type { AppendBatch, RecordedEvent } from '@ringfence/ports/log/event-store';
import { position, type Position, streamVersion } from '@ringfence/kernel/units';

/** Events of our own appends that are kept for our own readers; the oldest make room. */
export const tailEventsMax = 4_096;

/**
 * The end of the log as far as this process wrote it without anybody in between: who follows the log need not ask the
 * database for what has just been committed from here. What it does not hold is read.
 */
export class LocalAppendCache {
  #events: RecordedEvent[] = [];
  #start = position(0);

  /** Position of the event that comes after those it holds. */
  get end(): Position {
    return position(this.#start + this.#events.length);
  }

  /** A batch that is committed. @param first the position that its first event got */
  committed({ appends }: AppendBatch, first: Position): void {
    // Answers of appends that were under way together may come in any order; an older one is left to the database.
    if (first < this.end) return;
    if (first > this.end) {
      this.#events = [];
      this.#start = first;
    }
    for (const { stream, expectedVersion, events } of appends) {
      for (const [index, { type, subject, bytes }] of events.entries()) {
        const version = streamVersion(expectedVersion + index + 1);
        this.#events.push({ position: this.end, stream, version, type, subject, bytes });
      }
    }
    if (this.#events.length <= 2 * tailEventsMax) return;
    this.#start = position(this.end - tailEventsMax);
    this.#events = this.#events.slice(-tailEventsMax);
  }

  /** Reads at most `limit` events from `from` on; empty when `from` is not among them. */
  read(from: Position, limit: number): readonly RecordedEvent[] {
    return from < this.#start ? [] : this.#events.slice(from - this.#start, from - this.#start + limit);
  }
}
