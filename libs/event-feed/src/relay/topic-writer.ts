import type { RecordedEvent } from '@ringfence/ports/log/event-store';
import { invariant } from '@ringfence/kernel/invariant';
import type { EpochMs, Position } from '@ringfence/kernel/units';
import type { OutgoingMessage } from '@ringfence/ports/message-bus/message';
import type { MessageBus } from '@ringfence/ports/message-bus/message-bus';
import type { FeedOrigin } from '@ringfence/wire/feed/feed-record';
import { unlessAborted } from '@ringfence/runtime/unless-aborted';
import { type Publication, publishEvents, publishWatermarks } from './publication.js';
import type { RelayHost } from './relay-host.js';
import type { RelayLease } from '@ringfence/ports/leases/relay-leases';

type TopicWriterParts = {
  readonly bus: Pick<MessageBus, 'publish'>;
  readonly lease: Pick<RelayLease, 'check'>;
  readonly host: Pick<RelayHost, 'published'>;
  readonly origin: FeedOrigin;
  /** The topic of watermarks. */
  readonly watermarks: string;
};

/** Publishes batches one after the other, each after the acknowledgement of the one before; never without the lease. */
export class TopicWriter {
  #publication: Publication;
  /** The previous publication, for which the next one waits. */
  #turn: Promise<void> = Promise.resolve();
  #hasMoved = false;
  #wake: () => void = () => undefined;
  #reached: { readonly head: Position; readonly resolve: () => void } | undefined;

  constructor(
    private readonly parts: TopicWriterParts,
    publication: Publication,
  ) {
    this.#publication = publication;
  }

  /** The first position that a partition may lack. */
  get next(): Position {
    return this.#publication.next;
  }

  /** The ends of the acknowledged records, and of those that the topic held before. */
  get ends(): Publication['ends'] {
    return this.#publication.ends;
  }

  /**
   * @param events from `next` on, dense
   * @throws Failure `relay_lease_lost`, `bus_unavailable` (retryable: part of it may be in the topic; this writer must
   * not be used any more)
   */
  async writeEvents(events: readonly RecordedEvent[], signal: AbortSignal): Promise<void> {
    for (let rest = events; rest.length > 0;) {
      invariant(rest[0]?.position === this.next, 'the log reaches the relay without a gap');
      const { messages, taken, after } = publishEvents(this.parts.origin, this.#publication, rest);
      await this.#inTurn(() => this.#send(messages, signal));
      this.#publication = after;
      this.parts.host.published(taken, this.next);
      this.#hasMoved = true;
      this.#wake();
      if (this.#reached !== undefined && this.#reached.head <= this.next) this.#reached.resolve();
      rest = rest.slice(taken);
    }
  }

  /** Publishes watermarks, once the topic has everything that the log had at `timeMs`: all events below `head`. */
  async writeWatermarks(head: Position, timeMs: EpochMs, signal: AbortSignal): Promise<void> {
    await unlessAborted(this.#reach(head), signal);
    const origin = { ...this.parts.origin, topic: this.parts.watermarks };
    await this.#inTurn(() => {
      this.#hasMoved = false;
      return this.#send([publishWatermarks(origin, this.#publication, timeMs)], signal);
    });
  }

  /** Settles when events have been published since the last watermarks, or after the pause. */
  async moved(pausing: (signal: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<void> {
    const woken = new AbortController();
    this.#wake = () => {
      woken.abort();
    };
    if (!this.#hasMoved) await pausing(AbortSignal.any([signal, woken.signal]));
  }

  async #send(messages: readonly OutgoingMessage[], signal: AbortSignal): Promise<void> {
    if (messages.length === 0) return;
    const { bus, lease } = this.parts;
    await lease.check();
    await unlessAborted(bus.publish(messages), signal);
  }

  #reach(head: Position): Promise<void> {
    if (this.next >= head) return Promise.resolve();
    return new Promise((resolve) => {
      this.#reached = { head, resolve };
    });
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }
}
