import { Failure } from '@ringfence/kernel/failure';
import { type AppendBatch, batchEventsMax, eventBytesMax } from './event-store.js';

/**
 * Refuses what every adapter refuses before it writes.
 * @throws Failure `event_too_large`, `batch_too_large`, `batch_invalid`
 */
export function checkBatch({ appends }: AppendBatch): void {
  let count = 0;
  const streams = new Set<string>();
  for (const { stream, events } of appends) {
    if (streams.has(stream)) throw new Failure('batch_invalid', `The batch names the stream ${stream} twice.`, false);
    streams.add(stream);
    count += events.length;
    for (const { bytes, type, subject } of events) {
      if (bytes.length > eventBytesMax) {
        throw new Failure('event_too_large', `An event of ${bytes.length} bytes; at most ${eventBytesMax}.`, false);
      }
      if (!token.test(type) || !token.test(subject)) {
        throw new Failure(
          'batch_invalid',
          'The type and the subject of an event are printable ASCII without a space.',
          false,
        );
      }
    }
  }
  if (count > batchEventsMax)
    throw new Failure('batch_too_large', `A batch of ${count} events; at most ${batchEventsMax}.`, false);
}

const token = /^[\x21-\x7e]+$/;
