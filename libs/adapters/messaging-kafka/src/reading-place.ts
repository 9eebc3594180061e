import type { PartitionRange, ReadFrom } from '@ringfence/ports/message-bus/message-bus';

/** What is held no more begins at the oldest that is; what lies beyond the end waits there. */
export function offsetOf(start: ReadFrom, range: PartitionRange | undefined): bigint {
  const { first = 0n, next = 0n } = range ?? {};
  if (start === 'first') return first;
  if (start === 'next') return next;
  return start < first ? first : start;
}
