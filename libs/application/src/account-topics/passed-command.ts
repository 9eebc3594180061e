import type { AccountId } from '@ringfence/kernel/ids';
import { laneOf } from '@ringfence/kernel/lane';
import { readBinary } from '@ringfence/messaging/cloud-event';
import { type BusMessage, bytesOf, type OutgoingMessage } from '@ringfence/messaging/message';
import { accountTopicsOf, type Topics } from '@ringfence/messaging/topics';
import { deadLetterOf } from '../command-topic/dead-letter.js';
import { replyTopicHeader } from '../command-topic/reply-place.js';

/** Bytes of a command in an account's own topic, its headers included: far more than any command needs. */
export const passedBytesMax = 65_536;

/**
 * What an account's own topic holds, as it goes on: to the commands of all, or to the dead letters with the reason. Whether the command is rightly signed its
 * lane will say; here it is only seen to that it speaks for nobody else.
 */
export function passedOn(message: BusMessage, account: AccountId, topics: Topics, laneCount: number): OutgoingMessage {
  const bytes = bytesOf(message);
  if (bytes > passedBytesMax) {
    const reason = `it has ${String(bytes)} bytes, a command has at most ${String(passedBytesMax)}: only its place is kept`;
    return deadLetterOf({ ...message, headers: {}, value: new Uint8Array() }, reason, topics.deadLetters);
  }
  const event = readBinary(message.headers, message.value);
  const reason =
    'fault' in event
      ? event.fault
      : event.subject === account
        ? undefined
        : `the header ce_subject must be ${account}: the topic is that account’s own`;
  if (reason !== undefined) return deadLetterOf(message, reason, topics.deadLetters);
  return {
    topic: topics.commands,
    key: account,
    partition: laneOf(account, laneCount),
    // Ours, whatever the client wrote there.
    headers: { ...message.headers, [replyTopicHeader]: accountTopicsOf(topics, account).replies },
    value: message.value,
  };
}
