import { KafkaMessageBus } from '@ringfence/messaging-kafka/kafka-message-bus';
import { readWatermarks } from '@ringfence/wire/feed/watermarks';
import type { BusMessage } from '@ringfence/ports/message-bus/message';
import type { MessageBus, ReadFrom } from '@ringfence/ports/message-bus/message-bus';
import { type TopicRecord, topicRecordOf } from '@ringfence/testing/checkers/topic-judge';

const readWithinMs = 120_000;

/**
 * Reads the topic of events until a record says that it has reached `head`, or until the time limit.
 * @throws Failure if a record cannot be read
 */
export async function copyTopic(
  brokers: readonly string[],
  { events, watermarks }: { readonly events: string; readonly watermarks: string },
  head: number,
): Promise<readonly TopicRecord[]> {
  const bus = new KafkaMessageBus({ brokers, clientId: `${events}.checker` });
  try {
    await readUntil(bus, watermarks, new Map([[0, 'first']]), (message) => readWatermarks(message).head >= head);
    const ranges = await bus.ranges(events);
    const open = new Map([...ranges.entries()].filter(([, { first, next }]) => next > first));
    const records: TopicRecord[] = [];
    if (open.size === 0) return records;
    const from = new Map<number, ReadFrom>([...open.keys()].map((partition) => [partition, 'first']));
    await readUntil(bus, events, from, (message) => {
      records.push(topicRecordOf(message));
      if (message.offset + 1n >= (open.get(message.partition)?.next ?? 0n)) open.delete(message.partition);
      return open.size === 0;
    });
    return records;
  } finally {
    await bus.close();
  }
}

/**
 * Reads until `take` returns true, for at most `readWithinMs`.
 * @throws what `take` throws
 */
async function readUntil(
  bus: Pick<MessageBus, 'follow'>,
  topic: string,
  from: ReadonlyMap<number, ReadFrom>,
  take: (message: BusMessage) => boolean,
): Promise<void> {
  let [onEnough, onFailure]: [() => void, (failure: unknown) => void] = [() => undefined, () => undefined];
  const enough = new Promise<void>((resolve, reject) => {
    [onEnough, onFailure] = [resolve, reject];
  });
  const late = setTimeout(onEnough, readWithinMs);
  const membership = await bus.follow({
    topic,
    from,
    onMessages: (_partition, batch) => {
      try {
        for (const message of batch) if (take(message)) onEnough();
      } catch (failure) {
        onFailure(failure);
      }
      return Promise.resolve();
    },
    onRetryableError: () => undefined,
  });
  try {
    await enough;
  } finally {
    clearTimeout(late);
    await membership.leave();
  }
}
