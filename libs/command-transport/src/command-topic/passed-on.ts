import type { Lane } from '@ringfence/kernel/lane';
import { type BusMessage, bytesOf, messageBytesMax, type OutgoingMessage } from '@ringfence/ports/message-bus/message';
import type { Topics } from '@ringfence/wire/topics';
import { deadLetterOf } from './dead-letter.js';

/**
 * Builds a record to be published to its lane. A record of another producer may be larger than we may send.
 */
export function passedOn(message: BusMessage, lane: Lane, topics: Topics): OutgoingMessage {
  const passed = { ...message, partition: lane };
  const bytes = bytesOf(passed);
  if (bytes <= messageBytesMax) return passed;
  const reason = `it has to be published to its lane once more, and its ${String(bytes)} bytes are too many for that`;
  return deadLetterOf(message, reason, topics.deadLetters, true);
}
