import { isAborted } from '@ringfence/kernel/aborted';
import type { Clock } from '@ringfence/kernel/clock';
import { pause, type Timers } from '@ringfence/kernel/timers';
import { decodeRecorded } from '@ringfence/event-catalog/event-codec';
import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import type { EventStore } from '@ringfence/ports/log/event-store';
import { Failure } from '@ringfence/kernel/failure';
import type { StreamId } from '@ringfence/kernel/ids';
import type { EpochMs, Position, StreamVersion } from '@ringfence/kernel/units';
import { position } from '@ringfence/kernel/units';
import type { EventHistory, EventSource, LogSpan } from '@ringfence/projections/event-source';
import { systemTimers } from '@ringfence/runtime/system-timers';
import { readSpan } from './read-span.js';
import { RingBuffer } from './ring-buffer.js';
import { SharedPages } from './shared-pages.js';

/**
 * Decoded events that are kept for slow subscribers. One that falls further behind reads the log by itself.
 */
export const ringEvents = 8_192;
/** The most events per batch to a subscriber. */
const feedBatchEventsMax = 1_000;
/** Pause of the feed after a failure to read the log. */
const feedRetryMs = 200;

/**
 * A process's only subscription to the log, decoded once for all subscribers: projections, key registry, reactors. A
 * slow subscriber does not delay others. An event that cannot be read stops all subscribers before it; nothing is
 * skipped.
 */
export class EventFeed implements EventSource, EventHistory {
  readonly #pages: SharedPages;
  readonly #listeners = new Set<() => void>();
  #ring: RingBuffer | undefined;
  /** Number of heartbeats; each subscriber passes one on if it was at the end of the log. */
  #heartbeats = 0;
  /** Moment at which the read behind the last heartbeat began; the answer may have taken long. */
  #seenAllAtMs: EpochMs | undefined;
  #unreadable: unknown;

  constructor(
    private readonly store: EventStore,
    private readonly clock: Clock,
    /** Called for each failure, for the log; the feed continues. */
    private readonly onFailure: (failure: unknown) => void,
    private readonly timers: Timers = systemTimers,
  ) {
    this.#pages = new SharedPages(store);
  }

  /** Follows the log from its present end until `signal` aborts, or until an event cannot be read. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && this.#unreadable === undefined) {
      try {
        this.#ring ??= new RingBuffer(await this.store.head(), ringEvents);
        let askedAtMs = this.clock.now();
        for await (const recorded of this.store.subscribe(this.#ring.end, signal)) {
          for (const event of recorded) if (event.position >= this.#ring.end) this.#ring.push(decodeRecorded(event));
          if (recorded.length === 0) {
            this.#heartbeats += 1;
            this.#seenAllAtMs = askedAtMs;
          }
          this.#wakeListeners();
          askedAtMs = this.clock.now();
        }
      } catch (failure) {
        if (isAborted(signal)) break;
        if (failure instanceof Failure && !failure.retryable) this.#unreadable = failure;
        this.onFailure(failure);
      }
      this.#wakeListeners();
      if (!isAborted(signal)) await pause(this.timers, feedRetryMs, signal);
    }
  }

  seenAllAtMs(): EpochMs | undefined {
    return this.#seenAllAtMs;
  }

  async *subscribe(from: Position, signal: AbortSignal): AsyncIterable<readonly RecordedEnvelope[]> {
    let next = from;
    let heartbeats = this.#heartbeats;
    while (!signal.aborted) {
      const ring = this.#ring;
      if (ring !== undefined && next >= ring.end) {
        if (this.#unreadable !== undefined) throw this.#unreadable as Failure;
        if (this.#heartbeats !== heartbeats && next === ring.end) {
          heartbeats = this.#heartbeats;
          yield [];
          continue;
        }
        await this.#nextNews(signal);
        continue;
      }
      const held = ring !== undefined && next >= ring.start;
      const events = held ? ring.slice(next, feedBatchEventsMax) : await this.#pages.readFrom(next);
      heartbeats = this.#heartbeats;
      const last = events.at(-1);
      if (last === undefined) {
        await this.#nextNews(signal); // the feed has not begun yet
        continue;
      }
      next = position(last.position + 1);
      yield events;
    }
  }

  /** Reads events from `from` on, in order, at most `limit`. @throws as `subscribe` */
  async read(from: Position, limit: number): Promise<readonly RecordedEnvelope[]> {
    return (await this.store.readAll(from, limit)).map(decodeRecorded);
  }

  readSpan(...asked: Parameters<EventHistory['readSpan']>): Promise<LogSpan> {
    return readSpan(this.store, ...asked);
  }

  async readStream(stream: StreamId, from: StreamVersion, limit: number): Promise<readonly RecordedEnvelope[]> {
    return (await this.store.readStream(stream, from, limit)).map(decodeRecorded);
  }

  head(): Promise<Position> {
    return this.store.head();
  }

  #wakeListeners(): void {
    const listeners = [...this.#listeners];
    this.#listeners.clear();
    for (const listener of listeners) listener();
  }

  #nextNews(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        signal.removeEventListener('abort', wake);
        this.#listeners.delete(wake);
        resolve();
      };
      signal.addEventListener('abort', wake);
      this.#listeners.add(wake);
      if (signal.aborted) wake();
    });
  }
}
