import type { Publication } from '@ringfence/event-feed/relay/publication';
import type { Lane } from '@ringfence/kernel/lane';
import { type EpochMs, position } from '@ringfence/kernel/units';
import { type FeedOrigin, watermarkMessage } from '@ringfence/wire/feed/feed-record';
import type { OutgoingMessage } from '@ringfence/ports/message-bus/message';

/**
 * Builds watermarks like the relays of the previous release, which wrote them into each partition; readers have to
 * support them for one release.
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
