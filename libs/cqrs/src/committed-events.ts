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

/** Feeds the event bus from the log, with the types that are handled here: each event once, in the log's order. */
export class CommittedEvents {
  readonly #stopping = new AbortController();
  #following: Promise<void> = Promise.resolve();
  #next: Position;

  constructor(
    private readonly bus: Subject<object>,
    private readonly feed: EventBusFeed,
  ) {
    this.#next = feed.from;
  }

  /** Nest's hook: by then the library has registered its listeners. */
  onApplicationBootstrap(): void {
    this.#following = followFeed({
      ...this.feed,
      signal: this.#stopping.signal,
      next: () => this.#next,
      onBatch: (batch) => {
        for (const envelope of batch) {
          // A new subscription may repeat events of the broken one.
          if (envelope.position < this.#next) continue;
          this.#next = position(envelope.position + 1);
          if (isHandled(envelope.data.type)) this.bus.next(new CommittedEvent(envelope));
        }
      },
    });
  }

  /** Nest's hook. */
  async onModuleDestroy(): Promise<void> {
    this.#stopping.abort();
    await this.#following;
  }
}
