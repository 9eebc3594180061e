import { randomUUID } from 'node:crypto';
import { type DeadLetter, readDeadLetter, retriedHeader } from '@ringfence/application/command-topic/dead-letter';
import { behind, type BusMessage, isMessage } from '@ringfence/messaging/message';
import type { MessageBus, ReadFrom } from '@ringfence/messaging/message-bus';

/** A dead letter and where it lies; `at` names it to people. */
export type StoredLetter = { readonly at: string; readonly letter: DeadLetter };

type Original = DeadLetter['message'];

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
  const message = await messageAt(bus, topic, Number(partitionText), BigInt(offsetText));
  return message === undefined ? undefined : storedLetter(message)[0];
}

/**
 * What the letter is of, whole: what is kept with it, or what still lies where it came from.
 * @returns undefined: nobody has it any more
 */
export async function messageOf(bus: MessageBus, { letter }: StoredLetter): Promise<Original | undefined> {
  if (!letter.withheld) return letter.message;
  const { topic, partition, offset, bytes, message } = letter;
  const found = await messageAt(bus, topic, partition, offset);
  // A topic that was made anew has another message there.
  const isSame =
    found !== undefined &&
    (bytes === null || found.value.length === bytes) &&
    (found.headers['ce_type'] ?? '').startsWith(message.headers['ce_type'] ?? '');
  return isSame ? found : undefined;
}

/** Puts the message back where it came from, as it was, but for a header that tells it from a copy. */
export async function sendAgain(bus: MessageBus, { letter }: StoredLetter, message: Original): Promise<void> {
  const { topic, partition } = letter;
  const { key, value } = message;
  const headers = { ...message.headers, [retriedHeader]: randomUUID() };
  await bus.publish([{ topic, partition, key, headers, value }]);
}

/** undefined: it is not held (any more) */
async function messageAt(
  bus: MessageBus,
  topic: string,
  partition: number,
  offset: bigint,
): Promise<BusMessage | undefined> {
  const range = (await bus.ranges(topic))[partition];
  if (range === undefined || offset < range.first || offset >= range.next) return undefined;
  const found = await messagesUntil(bus, topic, new Map([[partition, offset]]), new Map([[partition, offset + 1n]]));
  return found.find((message) => message.offset === offset);
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
  const membership = await bus.followDecodable({
    topic,
    from,
    onMessages: (partition, batch) => {
      const end = open.get(partition);
      if (end === undefined) return Promise.resolve();
      found.push(...batch.filter(isMessage).filter(({ offset }) => offset < end));
      const last = batch.at(-1);
      if (last !== undefined && behind(last) >= end) open.delete(partition);
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
