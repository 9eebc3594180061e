import type { EpochMs } from '@ringfence/kernel/units';

/** A timer scheduled for a moment. */
export type Scheduled<About> = {
  readonly dueMs: EpochMs;
  /** Order of the timers of one moment: it does not depend on the order in which they were scheduled. */
  readonly name: string;
  readonly timer: About;
};

/**
 * An immutable priority queue: a pairing heap. Adding takes constant time, removing the first O(log n) amortised.
 * Nothing is removed from the middle: the consumer checks whether the first entry is still valid.
 */
export type DueQueue<About> = { readonly top: Heap<About> | null; readonly size: number };

type Heap<About> = { readonly first: Scheduled<About>; readonly rest: Heaps<About> | null };
type Heaps<About> = { readonly head: Heap<About>; readonly tail: Heaps<About> | null };

export const emptyDueQueue: DueQueue<never> = { top: null, size: 0 };

export function withPlanned<About>(queue: DueQueue<About>, planned: Scheduled<About>): DueQueue<About> {
  const heap: Heap<About> = { first: planned, rest: null };
  return { top: queue.top === null ? heap : merged(queue.top, heap), size: queue.size + 1 };
}

export function nextScheduled<About>(queue: DueQueue<About>): Scheduled<About> | null {
  return queue.top?.first ?? null;
}

export function withoutFirst<About>(queue: DueQueue<About>): DueQueue<About> {
  return queue.top === null ? queue : { top: mergedAll(queue.top.rest), size: queue.size - 1 };
}

function merged<About>(left: Heap<About>, right: Heap<About>): Heap<About> {
  const [early, late] = isBefore(left.first, right.first) ? [left, right] : [right, left];
  return { first: early.first, rest: { head: late, tail: early.rest } };
}

function isBefore(left: Scheduled<unknown>, right: Scheduled<unknown>): boolean {
  return left.dueMs < right.dueMs || (left.dueMs === right.dueMs && left.name < right.name);
}

/** Pairs up from the left, then merges the pairs from the right. By loops, because a list may be long. */
function mergedAll<About>(heaps: Heaps<About> | null): Heap<About> | null {
  let pairs: Heaps<About> | null = null;
  for (let rest = heaps; rest !== null;) {
    const next: Heaps<About> | null = rest.tail;
    pairs = { head: next === null ? rest.head : merged(rest.head, next.head), tail: pairs };
    rest = next === null ? null : next.tail;
  }
  let heap: Heap<About> | null = null;
  for (let rest = pairs; rest !== null; rest = rest.tail) heap = heap === null ? rest.head : merged(heap, rest.head);
  return heap;
}
