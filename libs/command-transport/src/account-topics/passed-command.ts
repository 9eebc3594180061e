import type { AccountId } from '@ringfence/kernel/ids';
import { laneOf } from '@ringfence/kernel/lane';
import { readBinary } from '@ringfence/wire/cloud-event';
import {
  type BusMessage,
  bytesOf,
  type DecodedItem,
  isMessage,
  type OutgoingMessage,
} from '@ringfence/ports/message-bus/message';
import { accountTopicsOf, type Topics } from '@ringfence/wire/topics';
import { deadLetterOf, deadLetterOfBatch } from '../command-topic/dead-letter.js';
import { replyTopicHeader } from '../envelope/reply-topic.js';
import { isSignedCommand } from '../signed-commands/signed-command-verifier.js';

/** The most bytes of a command in a dedicated topic, headers included: far more than any command needs. */
export const passedBytesMax = 65_536;

/**
 * Converts a message of a dedicated topic to a shared command in the account's lane, or to a dead letter with the
 * reason. The lane verifies that the command is validly signed and concerns that account; the message names its topic.
 */
export function toSharedTopic(
  item: DecodedItem,
  account: AccountId,
  topics: Topics,
  laneCount: number,
): OutgoingMessage {
  if (!isMessage(item)) return deadLetterOfBatch(item, item.reason, topics.deadLetters);
  const message = item;
  const fault = faultOf(message);
  // A client's message may contain values in clear that should have been encrypted.
  if (fault !== undefined) return deadLetterOf(message, fault, topics.deadLetters, true);
  return {
    topic: topics.commands,
    key: account,
    partition: laneOf(account, laneCount),
    // Overrides whatever the client wrote there.
    headers: { ...message.headers, [replyTopicHeader]: accountTopicsOf(topics, account).replies },
    value: message.value,
  };
}

function faultOf(message: BusMessage): string | undefined {
  const bytes = bytesOf(message);
  if (bytes > passedBytesMax) return `it has ${String(bytes)} bytes, a command has at most ${String(passedBytesMax)}`;
  const event = readBinary(message.headers, message.value);
  if ('fault' in event) return event.fault;
  // A command about another account is rejected in its lane, which replies to the sender and records the rejection.
  return isSignedCommand(event) ? undefined : `${event.type} is no command that a client can give`;
}
