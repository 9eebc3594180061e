import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import { invariant } from '@ringfence/kernel/invariant';
import { position, type Position } from '@ringfence/kernel/units';

/** The latest events by position; the oldest are evicted. */
export class RingBuffer {
  readonly #slots: (RecordedEnvelope | undefined)[];
  #start: Position;
  #end: Position;

  constructor(
    from: Position,
    private readonly capacity: number,
  ) {
    this.#slots = new Array<RecordedEnvelope | undefined>(capacity);
    this.#start = from;
    this.#end = from;
  }

  /** Position of the oldest event in the buffer. */
  get start(): Position {
    return this.#start;
  }

  /** Position of the next event to be added. */
  get end(): Position {
    return this.#end;
  }

  push(envelope: RecordedEnvelope): void {
    invariant(envelope.position === this.#end, 'the log reaches the feed without a gap');
    this.#slots[envelope.position % this.capacity] = envelope;
    this.#end = position(this.#end + 1);
    if (this.#end - this.#start > this.capacity) this.#start = position(this.#end - this.capacity);
  }

  /** Returns at most `limit` events from `from` on, which must be in the buffer. */
  slice(from: Position, limit: number): readonly RecordedEnvelope[] {
    const events: RecordedEnvelope[] = [];
    const to = Math.min(this.#end, from + limit);
    for (let at: number = from; at < to; at += 1) {
      const envelope = this.#slots[at % this.capacity];
      invariant(envelope?.position === at, 'the ring buffer holds what it says it holds');
      events.push(envelope);
    }
    return events;
  }
}
