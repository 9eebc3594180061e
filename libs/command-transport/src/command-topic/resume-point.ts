import type { ConsumedOffsets } from '@ringfence/ports/log/event-store';
import type { PartitionRange, ReadFrom } from '@ringfence/ports/message-bus/message-bus';
import { lookBackRecords } from './duplicate-record-filter.js';

/** Says whether more is consumed than the partition holds: the topic is another one. */
export function isBeyond(consumed: ConsumedOffsets | null, range: PartitionRange | undefined): boolean {
  if (consumed === null || range === undefined) return false;
  return consumed.next > range.next || (consumed.above.at(-1) ?? -1n) >= range.next;
}

/** Some way before what is still open: what is done with is looked at only to know its copies. */
export function beginningAt(consumed: ConsumedOffsets | null): ReadFrom {
  if (consumed === null) return 'first';
  return consumed.next > lookBackRecords ? consumed.next - lookBackRecords : 0n;
}
