import type { ConsumedOffsets } from '@ringfence/ports/log/event-store';
import type { PartitionRange, ReadFrom } from '@ringfence/ports/message-bus/message-bus';
import { lookBackRecords } from './duplicate-record-filter.js';

/** Says whether the consumed offset is beyond the end of the partition, which means that the topic was recreated. */
export function isBeyond(consumed: ConsumedOffsets | null, range: PartitionRange | undefined): boolean {
  if (consumed === null || range === undefined) return false;
  return consumed.next > range.next || (consumed.above.at(-1) ?? -1n) >= range.next;
}

/**
 * The offset to resume at, some records before the first open one: consumed records are read only to detect duplicates.
 */
export function beginningAt(consumed: ConsumedOffsets | null): ReadFrom {
  if (consumed === null) return 'first';
  return consumed.next > lookBackRecords ? consumed.next - lookBackRecords : 0n;
}
