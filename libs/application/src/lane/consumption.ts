import type { ConsumedOffsets } from '@ringfence/event-store/event-store';

/**
 * Which messages of a lane's partition are done with. Streams take turns, so messages are done out of order; offsets may have gaps that no message
 * stands at. What an earlier owner did stands in the log and is not done again.
 */
export class Consumption {
  /** Offered and not done, ascending. */
  #open: bigint[] = [];
  /** Done, at or above the lowest that is open. */
  #above: ReadonlySet<bigint>;
  /** All below are done or open. */
  #next: bigint;

  constructor(consumed: ConsumedOffsets | null) {
    this.#next = consumed?.next ?? 0n;
    this.#above = new Set(consumed?.above);
  }

  isDone(offset: bigint): boolean {
    return this.#above.has(offset) || (offset < this.#next && !this.#open.includes(offset));
  }

  /** It has come and will be done. Offsets come in their order; one that comes again is the same. */
  offer(offset: bigint): void {
    if (offset < this.#next) return;
    this.#next = offset + 1n;
    if (!this.#above.has(offset)) this.#open.push(offset);
  }

  /** How it will stand when these are done too. */
  with(done: ReadonlySet<bigint>): ConsumedOffsets {
    const lowest = this.#open.find((offset) => !done.has(offset));
    const known = new Set([...this.#above, ...done]);
    let next = lowest ?? this.#next;
    while (known.has(next)) next += 1n;
    const above = [...known].filter((offset) => offset > next);
    return { next, above: above.sort((one, other) => (one < other ? -1 : 1)) };
  }

  /** It stands in the log. */
  advance({ next, above }: ConsumedOffsets, done: ReadonlySet<bigint>): void {
    // What an earlier owner did above may be below now, and was never offered here.
    if (next > this.#next) this.#next = next;
    this.#open = this.#open.filter((offset) => !done.has(offset));
    this.#above = new Set(above);
  }
}
