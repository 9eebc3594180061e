import type { DomainEventType } from '@ringfence/domain/domain-event';
import type { EventStore } from '@ringfence/ports/log/event-store';
import type { Timers } from '@ringfence/kernel/timers';
import type { Position } from '@ringfence/kernel/units';
import { followLog, type LogPage, logPageOf } from './log-follower.js';
import type { ReactorCheckpoints, ReactorLease } from '@ringfence/ports/checkpoints/reactor-checkpoints';
import type { ReactorHost } from './reactor-host.js';

/** Events per read of a start: of many at once the text and the bytes are in memory together. */
const catchUpEventsMax = 1_000;
/** The longest lag of the checkpoint while no wanted event happens: handling an event twice does no harm. */
const checkpointEveryMs = 5_000;

export type LogReactorParts = {
  readonly store: EventStore;
  readonly checkpoints: ReactorCheckpoints;
  readonly timers: Timers;
  readonly host: ReactorHost;
  /** Identifies this process. */
  readonly owner: string;
};

/** The reaction to events of these types. It is idempotent; after a retryable failure the same page is passed again. */
type Reaction<Type extends DomainEventType> = {
  readonly name: string;
  readonly types: ReadonlySet<Type>;
  readonly carryOut: (page: LogPage<Type>) => Promise<void>;
};

/** Follows the log and reacts to some of its events, at least once each, from the previous owner's checkpoint on. */
export class LogReactor<Type extends DomainEventType> {
  readonly #abort = new AbortController();
  #next: Position;
  #saved: Position;
  #savedAtMs: number;
  #running: Promise<void> = Promise.resolve();

  private constructor(
    private readonly parts: LogReactorParts,
    private readonly reaction: Reaction<Type>,
    private readonly lease: ReactorLease,
  ) {
    this.#next = lease.next;
    this.#saved = lease.next;
    this.#savedAtMs = parts.timers.monotonicMs();
  }

  /**
   * @param begin `caught_up`: settles when all events now in the log have been handled; `at_once`: does not wait for
   * that
   * @throws Failure of the store, the checkpoints and `carryOut` (retryable)
   */
  static async start<Type extends DomainEventType>(
    parts: LogReactorParts,
    reaction: Reaction<Type>,
    begin: 'caught_up' | 'at_once',
  ): Promise<LogReactor<Type>> {
    const lease = await parts.checkpoints.take(reaction.name, parts.owner);
    const reactor = new LogReactor(parts, reaction, lease);
    if (begin === 'caught_up') await reactor.#catchUp();
    reactor.#running = reactor.#run();
    return reactor;
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#running;
  }

  async #catchUp(): Promise<void> {
    const { store } = this.parts;
    const head = await store.head();
    while (this.#next < head) {
      const recorded = await store.readAll(this.#next, catchUpEventsMax);
      if (recorded.length === 0) break;
      await this.#onPage(logPageOf(this.reaction.types, recorded, this.#next));
    }
    // The next start would otherwise read all of it again.
    if (this.#next !== this.#saved) await this.#save();
  }

  async #run(): Promise<void> {
    const { store, timers, host } = this.parts;
    const { name, types } = this.reaction;
    try {
      await followLog(this.#next, {
        store,
        timers,
        types,
        signal: this.#abort.signal,
        onPage: (page) => this.#onPage(page),
        onRetryableError: (cause) => {
          host.onRetryableError(name, cause);
        },
      });
    } catch (error) {
      host.stopped(name, error);
    }
  }

  async #onPage(page: LogPage<Type>): Promise<void> {
    if (page.events.length > 0) await this.reaction.carryOut(page);
    const nowMs = this.parts.timers.monotonicMs();
    this.#next = page.next;
    if (page.next === this.#saved) return;
    if (page.events.length === 0 && nowMs - this.#savedAtMs < checkpointEveryMs) return;
    await this.#save();
  }

  async #save(): Promise<void> {
    const next = this.#next;
    await this.lease.save(next);
    this.#saved = next;
    this.#savedAtMs = this.parts.timers.monotonicMs();
  }
}
