import { randomUUID } from 'node:crypto';
import { type DeadLetter, readDeadLetter, retriedHeader } from '@ringfence/application/command-topic/dead-letter';
import type { BusMessage } from '@ringfence/messaging/message';
import type { MessageBus, ReadFrom } from '@ringfence/messaging/message-bus';

/** A dead letter and where it lies; `at` names it to people. */
export type StoredLetter = { readonly at: string; readonly letter: DeadLetter };

/** At most so many are listed, the oldest of each partition first. */
export const lettersMax = 1_000;

const atPattern = /^(\d{1,6}):(\d{1,19})$/;

/** What lies in the topic at this moment. */
export async function deadLetters(bus: MessageBus, topic: string): Promise<readonly StoredLetter[]> {
  const ranges = await bus.ranges(topic);
  const ends = new Map(
    ranges.flatMap(({ first, next }, partition) => (next > first ? [[partition, next] as const] : [])),
  );
  const found = await messagesUntil(
    bus,
    topic,
    new Map([...ends.keys()].map((partition) => [partition, 'first'])),
    ends,
  );
  return found.flatMap(storedLetter);
}

/** undefined: nothing of the kind lies there (any more) */
export async function deadLetterAt(bus: MessageBus, topic: string, at: string): Promise<StoredLetter | undefined> {
  const [, partitionText, offsetText] = atPattern.exec(at) ?? [];
  if (partitionText === undefined || offsetText === undefined) return undefined;
  const [partition, offset] = [Number(partitionText), BigInt(offsetText)];
  const range = (await bus.ranges(topic))[partition];
  if (range === undefined || offset < range.first || offset >= range.next) return undefined;
  const found = await messagesUntil(bus, topic, new Map([[partition, offset]]), new Map([[partition, offset + 1n]]));
  return found.flatMap(storedLetter).find((stored) => stored.at === at);
}

/** Puts the message back where it came from, as it was, but for a header that tells it from a copy. */
export async function sendAgain(bus: MessageBus, { letter }: StoredLetter): Promise<void> {
  const { topic, partition, message } = letter;
  const headers = { ...message.headers, [retriedHeader]: randomUUID() };
  await bus.publish([{ topic, partition, ...message, headers }]);
}

/** Reads each partition up to its end, or as many as are listed. */
async function messagesUntil(
  bus: MessageBus,
  topic: string,
  from: ReadonlyMap<number, ReadFrom>,
  ends: ReadonlyMap<number, bigint>,
): Promise<readonly BusMessage[]> {
  if (from.size === 0) return [];
  const found: BusMessage[] = [];
  const open = new Map(ends);
  let finish: () => void = () => undefined;
  const done = new Promise<void>((resolve) => (finish = resolve));
  const membership = await bus.follow({
    topic,
    from,
    onMessages: (partition, batch) => {
      const end = open.get(partition);
      if (end === undefined) return Promise.resolve();
      found.push(...batch.filter(({ offset }) => offset < end));
      if ((batch.at(-1)?.offset ?? -1n) + 1n >= end) open.delete(partition);
      if (open.size === 0 || found.length >= lettersMax) finish();
      return Promise.resolve();
    },
    onTrouble: () => undefined,
  });
  await done;
  await membership.leave();
  return found.slice(0, lettersMax);
}

function storedLetter(message: BusMessage): readonly StoredLetter[] {
  const letter = readDeadLetter(message);
  return letter === undefined ? [] : [{ at: `${String(message.partition)}:${String(message.offset)}`, letter }];
}
