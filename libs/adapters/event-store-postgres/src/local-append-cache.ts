import type { AppendBatch, RecordedEvent } from '@ringfence/ports/log/event-store';
import { position, type Position, streamVersion } from '@ringfence/kernel/units';

/** The most events of our own appends that are kept for our own readers; beyond it the oldest are dropped. */
export const tailEventsMax = 4_096;

/**
 * The end of the log, as long as only this process has written it: readers need not query the database for events that
 * were just committed here. Events that are not in the cache are read from the database.
 */
export class LocalAppendCache {
  #events: RecordedEvent[] = [];
  #start = position(0);

  /** Position after the last cached event. */
  get end(): Position {
    return position(this.#start + this.#events.length);
  }

  /** Adds a committed batch. @param first the position of its first event */
  committed({ appends }: AppendBatch, first: Position): void {
    // Answers of concurrent appends may arrive in any order; an older one is left to the database.
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
