import { type Publication, publishEvents } from '@ringfence/event-feed/relay/publication';
import type { Epoch } from '@ringfence/kernel/lane';
import { position } from '@ringfence/kernel/units';
import type { OutgoingMessage } from '@ringfence/ports/message-bus/message';
import { emptyChain } from '@ringfence/wire/feed/feed-chain';
import type { FeedOrigin } from '@ringfence/wire/feed/feed-record';
import { GeneratedLog } from './generated-log.js';
import { partitionWatermarks } from './partition-watermarks.js';

/** A generated log, and what its relay publishes of it in a topic: the test decides when. */
export class RelayedLog extends GeneratedLog {
  #publication: Publication;

  constructor(
    private readonly topic: string,
    partitions: number,
  ) {
    super();
    this.#publication = { next: position(0), ends: Array.from({ length: partitions }, () => emptyChain) };
  }

  get origin(): FeedOrigin {
    return { topic: this.topic, logId: this.logId, epoch: 1 as Epoch };
  }

  get publication(): Publication {
    return this.#publication;
  }

  /** Yields the records of the next `count` events, in batches; each counts as published once it is yielded. */
  *nextRecords(count = Number.POSITIVE_INFINITY): IterableIterator<readonly OutgoingMessage[]> {
    const end = Math.min(this.log.events.length, this.#publication.next + count);
    while (this.#publication.next < end) {
      const events = this.log.events.slice(this.#publication.next, end);
      const { messages, after } = publishEvents(this.origin, this.#publication, events);
      this.#publication = after;
      yield messages;
    }
  }

  /** The watermarks of the partitions; none while events remain to be published. */
  watermarks(): readonly OutgoingMessage[] {
    if (this.#publication.next < this.log.events.length) return [];
    return partitionWatermarks(this.origin, this.#publication, this.clock.now());
  }
}
