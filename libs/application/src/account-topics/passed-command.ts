import type { AccountId } from '@ringfence/kernel/ids';
import { laneOf } from '@ringfence/kernel/lane';
import { readBinary } from '@ringfence/messaging/cloud-event';
import { type BusMessage, bytesOf, type OutgoingMessage } from '@ringfence/messaging/message';
import { accountTopicsOf, type Topics } from '@ringfence/messaging/topics';
import { deadLetterOf } from '../command-topic/dead-letter.js';
import { replyTopicHeader } from '../command-topic/own-reply-topic.js';

/** Bytes of a command in an account's own topic, its headers included: far more than any command needs. */
export const passedBytesMax = 65_536;

/**
 * What an account's own topic holds, as it goes on: to the commands of all, or to the dead letters with the reason. Whether the command is rightly signed its
 * lane will say; here it is only seen to that it speaks for nobody else.
 */
export function passedOn(message: BusMessage, account: AccountId, topics: Topics, laneCount: number): OutgoingMessage {
  const fault = faultOf(message, account);
  // What a client has sent may hold in clear what it should have encrypted.
  if (fault !== undefined) return deadLetterOf(message, fault, topics.deadLetters, true);
  return {
    topic: topics.commands,
    key: account,
    partition: laneOf(account, laneCount),
    // Ours, whatever the client wrote there.
    headers: { ...message.headers, [replyTopicHeader]: accountTopicsOf(topics, account).replies },
    value: message.value,
  };
}

function faultOf(message: BusMessage, account: AccountId): string | undefined {
  const bytes = bytesOf(message);
  if (bytes > passedBytesMax) return `it has ${String(bytes)} bytes, a command has at most ${String(passedBytesMax)}`;
  const event = readBinary(message.headers, message.value);
  if ('fault' in event) return event.fault;
  return event.subject === account
    ? undefined
    : `the header ce_subject must be ${account}: the topic is that account’s own`;
}
