import type { Publication } from '@ringfence/event-feed/relay/publication';
import type { Lane } from '@ringfence/kernel/lane';
import { type EpochMs, position } from '@ringfence/kernel/units';
import { type FeedOrigin, watermarkMessage } from '@ringfence/wire/feed/feed-record';
import type { OutgoingMessage } from '@ringfence/ports/message-bus/message';

/**
 * Builds the watermarks that relays of the previous release wrote, and that readers have to understand for one release:
 * how far each partition is, in the partition itself.
 */
export function partitionWatermarks(
  origin: FeedOrigin,
  { ends, next }: Publication,
  timeMs: EpochMs,
): readonly OutgoingMessage[] {
  return ends.map(({ through, last }, partition) =>
    watermarkMessage(origin, partition as Lane, last, { head: position(Math.max(next, through)), timeMs }),
  );
}
