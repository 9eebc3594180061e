import { readFeedRecord } from '@ringfence/messaging/feed/feed-record';
import { hashOf } from '@ringfence/event-catalog/hash';
import { KafkaMessageBus } from '@ringfence/messaging-kafka/kafka-message-bus';
import type { BusMessage } from '@ringfence/messaging/message';

/** What a partition of the events topic holds, in its order. */
export type TopicRecord = { readonly partition: number; readonly previous: number | null } & (
  | { readonly kind: 'event'; readonly position: number; readonly key: string; readonly hash: string }
  /** Only those that say something new. */
  | { readonly kind: 'watermark'; readonly head: number }
);

const readWithinMs = 120_000;

/** Reads the topic until every partition says that it has come to `head`, or for as long as may be waited for that. @throws Failure when a record cannot be read */
export async function copyTopic(
  brokers: readonly string[],
  topic: string,
  partitions: number,
  head: number,
): Promise<readonly TopicRecord[]> {
  const bus = new KafkaMessageBus({ brokers, clientId: `${topic}.checker` });
  const records: TopicRecord[] = [];
  const heads = new Map<number, number>();
  let [onHeads, onFailure]: [() => void, (failure: unknown) => void] = [() => undefined, () => undefined];
  const membership = await bus.follow({
    topic,
    from: new Map(Array.from({ length: partitions }, (_, partition) => [partition, 'first'])),
    onMessages: (partition, batch) => {
      try {
        for (const message of batch) {
          const record = recordOf(partition, message);
          if (record.kind === 'watermark' && (heads.get(partition) ?? -1) >= record.head) continue;
          if (record.kind === 'watermark') heads.set(partition, record.head);
          records.push(record);
        }
        onHeads();
      } catch (failure) {
        onFailure(failure);
      }
      return Promise.resolve();
    },
    onTrouble: () => undefined,
  });
  try {
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(resolve, readWithinMs);
      onFailure = reject;
      onHeads = () => {
        for (let partition = 0; partition < partitions; partition += 1) if ((heads.get(partition) ?? 0) < head) return;
        clearTimeout(late);
        resolve();
      };
      onHeads();
    });
  } finally {
    await membership.leave();
    await bus.close();
  }
  return records;
}

function recordOf(partition: number, message: BusMessage): TopicRecord {
  const record = readFeedRecord(message);
  const previous = record.previous?.position ?? null;
  if (record.kind === 'watermark') return { kind: 'watermark', partition, previous, head: record.head };
  const { position, bytes } = record.event;
  return { kind: 'event', partition, previous, position, key: message.key, hash: hashOf(bytes) };
}
