import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import type { Clock } from '@ringfence/kernel/clock';
import type { Timers } from '@ringfence/kernel/timers';
import { type Position, position } from '@ringfence/kernel/units';
import type { EventSource } from '@ringfence/projections/event-source';
import type { Subject } from 'rxjs';
import { followFeed } from '@ringfence/event-feed/follow-feed';
import { CommittedEvent, isHandled } from './committed-event.js';

export type EventBusFeed = {
  readonly source: EventSource;
  /** The end of the log when the process started: nothing in its memory is older. */
  readonly from: Position;
  readonly clock: Clock;
  readonly timers: Timers;
  /** Called for every failure; following is retried indefinitely. */
  readonly onFailure: (failure: unknown) => void;
};

/** Takes events in the log's order, each once. Must be quick, and must not throw. */
type Listener = (events: readonly RecordedEnvelope[]) => void;

/**
 * The committed events of this process's feed, each once, in the log's order. Feeds the event bus with the types that
 * are handled here; a listener gets every event.
 */
export class CommittedEvents {
  readonly #stopping = new AbortController();
  readonly #listeners: Listener[] = [];
  #following: Promise<void> = Promise.resolve();
  #next: Position;

  constructor(
    private readonly bus: Subject<object>,
    private readonly feed: EventBusFeed,
  ) {
    this.#next = feed.from;
  }

  /** The position of the first event that listeners have not been given. */
  get next(): Position {
    return this.#next;
  }

  /** Gives a listener every event from `next` on. */
  listen(listener: Listener): void {
    this.#listeners.push(listener);
  }

  /** Nest's hook: by then the library has registered its listeners. */
  onApplicationBootstrap(): void {
    this.#following = followFeed({
      ...this.feed,
      signal: this.#stopping.signal,
      next: () => this.#next,
      onBatch: (batch) => {
        this.#handOn(batch);
      },
    });
  }

  #handOn(batch: readonly RecordedEnvelope[]): void {
    // A new subscription may repeat events of the broken one.
    const isRepeated = batch[0] !== undefined && batch[0].position < this.#next;
    const events = isRepeated ? batch.filter(({ position: at }) => at >= this.#next) : batch;
    const last = events.at(-1);
    if (last === undefined) return;
    this.#next = position(last.position + 1);
    for (const listener of this.#listeners) listener(events);
    for (const envelope of events) if (isHandled(envelope.data.type)) this.bus.next(new CommittedEvent(envelope));
  }

  /** Nest's hook. */
  async onModuleDestroy(): Promise<void> {
    this.#stopping.abort();
    await this.#following;
  }
}
