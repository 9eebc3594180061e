import { randomUUID } from 'node:crypto';
import { type DeadLetter, readDeadLetter, retriedHeader } from '@ringfence/command-transport/command-topic/dead-letter';
import { type BusMessage, isMessage } from '@ringfence/ports/message-bus/message';
import type { MessageBus, RangePlace } from '@ringfence/ports/message-bus/message-bus';

/** A dead letter and its place; `at` is the place as people write it. */
export type StoredLetter = { readonly at: string; readonly letter: DeadLetter };

type Original = DeadLetter['message'];

/** The most dead letters that are listed, the oldest of each partition first. */
export const lettersMax = 1_000;

const atPattern = /^(\d{1,6}):(\d{1,19})$/;

/** The dead letters in the topic now. */
export async function deadLetters(bus: MessageBus, topic: string): Promise<readonly StoredLetter[]> {
  const found: BusMessage[] = [];
  for (const [partition, { first, next }] of (await bus.ranges(topic)).entries())
    found.push(...(await messagesIn(bus, { topic, partition, first, end: next }, lettersMax - found.length)));
  return found.flatMap(storedLetter);
}

/** @returns undefined: no dead letter is (or is still) there */
export async function deadLetterAt(bus: MessageBus, topic: string, at: string): Promise<StoredLetter | undefined> {
  const [, partitionText, offsetText] = atPattern.exec(at) ?? [];
  if (partitionText === undefined || offsetText === undefined) return undefined;
  const message = await messageAt(bus, topic, Number(partitionText), BigInt(offsetText));
  return message === undefined ? undefined : storedLetter(message)[0];
}

/**
 * The complete message behind a dead letter: kept with it, or still in the topic that it came from.
 * @returns undefined: it is gone
 */
export async function messageOf(bus: MessageBus, { letter }: StoredLetter): Promise<Original | undefined> {
  if (!letter.withheld) return letter.message;
  const { topic, partition, offset, bytes, message } = letter;
  const found = await messageAt(bus, topic, partition, offset);
  // A topic that was recreated has another message there.
  const isSame =
    found !== undefined &&
    (bytes === null || found.value.length === bytes) &&
    (found.headers['ce_type'] ?? '').startsWith(message.headers['ce_type'] ?? '');
  return isSame ? found : undefined;
}

/** Publishes the message where it came from, unchanged except for a header that distinguishes it from a copy. */
export async function sendAgain(bus: MessageBus, { letter }: StoredLetter, message: Original): Promise<void> {
  const { topic, partition } = letter;
  const { key, value } = message;
  const headers = { ...message.headers, [retriedHeader]: randomUUID() };
  await bus.publish([{ topic, partition, key, headers, value }]);
}

/** @returns undefined: the topic does not hold it (any more), or its transaction was aborted */
async function messageAt(
  bus: MessageBus,
  topic: string,
  partition: number,
  offset: bigint,
): Promise<BusMessage | undefined> {
  const range = (await bus.ranges(topic))[partition];
  if (range === undefined || offset < range.first || offset >= range.next) return undefined;
  const [found] = await messagesIn(bus, { topic, partition, first: offset, end: offset + 1n }, 1);
  return found;
}

/** The first messages of a range of a topic. Does not wait: messages that were aborted or deleted are left out. */
async function messagesIn(bus: MessageBus, place: RangePlace, messagesMax: number): Promise<readonly BusMessage[]> {
  const found: BusMessage[] = [];
  if (messagesMax <= 0) return found;
  for await (const page of bus.readRange(place)) {
    found.push(...page.filter(isMessage));
    if (found.length >= messagesMax) break;
  }
  return found.slice(0, messagesMax);
}

function storedLetter(message: BusMessage): readonly StoredLetter[] {
  const letter = readDeadLetter(message);
  return letter === undefined ? [] : [{ at: `${String(message.partition)}:${String(message.offset)}`, letter }];
}
