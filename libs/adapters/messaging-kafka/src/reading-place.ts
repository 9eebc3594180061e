import type { PartitionRange, ReadFrom } from '@ringfence/ports/message-bus/message-bus';

/** Resolves a start to an offset: one that is no longer held becomes the oldest; one beyond the end waits there. */
export function offsetOf(start: ReadFrom, range: PartitionRange | undefined): bigint {
  const { first = 0n, next = 0n } = range ?? {};
  if (start === 'first') return first;
  if (start === 'next') return next;
  return start < first ? first : start;
}
