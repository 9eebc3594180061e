import { type ConsumedOffsets, type LaneTransaction, laneTransactionsMax } from '@ringfence/ports/log/event-store';
import type { CommittedTransaction } from '@ringfence/ports/message-bus/message';

/**
 * Tracks the consumed offsets of one partition. Commands complete out of order, because streams are served round-robin,
 * and offsets may have gaps. Offsets consumed by an earlier owner are in the log and not consumed again. A transaction
 * counts by its end marker, and is kept from its first record until its records are consumed; so an open transaction
 * delays nothing.
 */
export class OffsetTracker {
  /** Tracked but not consumed, ascending. */
  #open: bigint[] = [];
  /** Consumed, above the lowest open offset. */
  #above: ReadonlySet<bigint>;
  /** All lower offsets are consumed or open. */
  #next: bigint;
  #transactions: readonly LaneTransaction[];

  constructor(consumed: ConsumedOffsets | null) {
    this.#next = consumed?.next ?? 0n;
    this.#above = new Set(consumed?.above);
    this.#transactions = consumed?.transactions ?? [];
  }

  get transactions(): readonly LaneTransaction[] {
    return this.#transactions;
  }

  /** Committed transactions whose records are to be consumed, in the order of their end markers. */
  get committed(): readonly CommittedTransaction[] {
    return this.#transactions
      .flatMap(({ end, ...rest }) => (end === null ? [] : { ...rest, end }))
      .sort((one, other) => (one.end < other.end ? -1 : 1));
  }

  /**
   * Keeps a producer's open transaction, whose records begin at this offset.
   * @returns false: `laneTransactionsMax` are kept already, so this one is not
   */
  keep(producer: bigint, offset: bigint): boolean {
    const known = this.#transactions.some(
      (each) => each.producer === producer && each.first <= offset && (each.end === null || each.end > offset),
    );
    if (known) return true;
    if (this.#transactions.length >= laneTransactionsMax) return false;
    this.#transactions = [...this.#transactions, { producer, first: offset, end: null }];
    return true;
  }

  /** Ends the open transaction of a producer by the marker at this offset. A repeated marker changes nothing. */
  end(producer: bigint, offset: bigint, committed: boolean): void {
    const isOpen = (each: LaneTransaction) => each.producer === producer && each.end === null && each.first < offset;
    const isNews = committed && !this.isDone(offset);
    this.#transactions = this.#transactions.flatMap((each) => {
      if (!isOpen(each)) return each;
      return isNews ? { ...each, end: offset } : [];
    });
  }

  /** Forgets a committed transaction whose records are consumed. */
  forget({ producer, end }: CommittedTransaction): void {
    this.#transactions = this.#transactions.filter((each) => each.producer !== producer || each.end !== end);
  }

  /** Keeps a transaction again whose consumption could not be recorded in the log, to be repeated. */
  remember(transaction: CommittedTransaction): void {
    this.forget(transaction);
    this.#transactions = [...this.#transactions, transaction];
  }

  isDone(offset: bigint): boolean {
    return this.#above.has(offset) || (offset < this.#next && !this.#open.includes(offset));
  }

  /** Registers an offset that will be consumed. Offsets arrive in order; a repeated one is ignored. */
  track(offset: bigint): void {
    if (offset < this.#next) return;
    this.#next = offset + 1n;
    if (!this.#above.has(offset)) this.#open.push(offset);
  }

  /** Returns the consumed offsets as they will be when these are consumed too. */
  afterCompleting(done: ReadonlySet<bigint>): ConsumedOffsets {
    const lowest = this.#open.find((offset) => !done.has(offset));
    const known = new Set([...this.#above, ...done]);
    let next = lowest ?? this.#next;
    while (known.has(next)) next += 1n;
    const above = [...known].filter((offset) => offset > next);
    return { next, above: above.sort((one, other) => (one < other ? -1 : 1)), transactions: this.#transactions };
  }

  /** Records that the offsets are in the log. */
  advance({ next, above }: ConsumedOffsets, done: ReadonlySet<bigint>): void {
    // Offsets that an earlier owner consumed may now be below the lowest, and were never tracked here.
    if (next > this.#next) this.#next = next;
    this.#open = this.#open.filter((offset) => !done.has(offset));
    this.#above = new Set(above);
  }
}
