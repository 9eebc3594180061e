import type { RecordedEvent } from '@ringfence/ports/log/event-store';
import { laneOf } from '@ringfence/kernel/lane';
import { type EpochMs, type Position, position } from '@ringfence/kernel/units';
import { bytesOf, type OutgoingMessage } from '@ringfence/ports/message-bus/message';
import { type FeedChainHead, emptyChain } from '@ringfence/wire/feed/feed-chain';
import { eventMessage, type FeedOrigin } from '@ringfence/wire/feed/feed-record';
import { watermarksMessage } from '@ringfence/wire/feed/watermarks';

/** The most bytes of a batch with more than one event. */
export const batchBytesMax = 4_000_000;

/** State of the topic: the end of each partition, and the first position of the log that a partition may lack. */
export type Publication = { readonly next: Position; readonly ends: readonly FeedChainHead[] };

type PublicationStep = {
  readonly messages: readonly OutgoingMessage[];
  /** Number of events that are in the batch or were in the topic already. */
  readonly taken: number;
  /** State of the topic once the messages are acknowledged. */
  readonly after: Publication;
};

/** The next batch: as many of these events, which begin at `next`, as one batch holds. */
export function publishEvents(
  origin: FeedOrigin,
  { ends, next }: Publication,
  events: readonly RecordedEvent[],
): PublicationStep {
  const moved = [...ends];
  const messages: OutgoingMessage[] = [];
  let bytes = 0;
  let taken = 0;
  for (const event of events) {
    const partition = laneOf(event.stream, ends.length);
    const end = moved[partition] ?? emptyChain;
    // A partition that is ahead of the others has the event already.
    if (event.position >= end.through) {
      const { message, link } = eventMessage(origin, partition, end.last, event);
      bytes += bytesOf(message);
      if (messages.length > 0 && bytes > batchBytesMax) break;
      messages.push(message);
      moved[partition] = { through: position(event.position + 1), last: link };
    }
    taken += 1;
  }
  return { messages, taken, after: { next: position(next + taken), ends: moved } };
}

/** @param timeMs a moment at which the log had nothing from `next` on */
export function publishWatermarks(
  { topic, ...origin }: FeedOrigin,
  { ends, next }: Publication,
  timeMs: EpochMs,
): OutgoingMessage {
  return watermarksMessage(topic, { ...origin, head: next, timeMs, ends: ends.map(({ last }) => last) });
}
