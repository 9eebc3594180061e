import { laneTransactionsMax } from '@ringfence/ports/log/event-store';
import type {
  BusMessage,
  OutgoingMessage,
  PendingRecords,
  UncommittedItem,
} from '@ringfence/ports/message-bus/message';
import type { Topics } from '@ringfence/wire/topics';
import type { ClassifiedAs, ClassifiedMessage } from './command-reading.js';
import { deadLetterOf, deadLetterOfBatch } from './dead-letter.js';
import { passedOn } from './passed-on.js';

/** Anything in a partition but messages: batches that nobody can decode, records and ends of transactions. */
export type NoMessage = Exclude<UncommittedItem, BusMessage>;

const tooManyOpen = `its transaction is not followed, for ${String(laneTransactionsMax)} others are open in its lane; whether it was committed is not known`;

/** A message that is for another lane, or for none. */
type UndispatchedMessage = ClassifiedAs<'misplaced' | 'unreadable'>;

export function undispatched(read: readonly ClassifiedMessage[]): readonly UndispatchedMessage[] {
  return read.filter((each) => each.kind === 'misplaced' || each.kind === 'unreadable');
}

/**
 * Returns what is to be published before records that are not dispatched count as consumed: the message of another lane
 * goes to that lane, all else becomes a dead letter.
 * @param notFollowed records of transactions that are too many for their lane
 */
export function forwardedOrDeadLetters(
  messages: readonly UndispatchedMessage[],
  others: readonly NoMessage[],
  notFollowed: readonly PendingRecords[],
  topics: Topics,
): readonly OutgoingMessage[] {
  return [
    ...others.flatMap((batch) =>
      batch.kind === 'undecodable' ? [deadLetterOfBatch(batch, batch.reason, topics.deadLetters)] : [],
    ),
    ...notFollowed.map((records) => deadLetterOfBatch(records, tooManyOpen, topics.deadLetters)),
    ...messages.map((each) =>
      each.kind === 'misplaced'
        ? passedOn(each.message, each.lane, topics)
        : deadLetterOf(each.message, each.reason, topics.deadLetters, each.withheld),
    ),
  ];
}
