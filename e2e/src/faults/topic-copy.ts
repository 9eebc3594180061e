import { KafkaMessageBus } from '@ringfence/messaging-kafka/kafka-message-bus';
import { type TopicRecord, topicRecordOf } from '@ringfence/testing/judging/topic-judge';

const readWithinMs = 120_000;

/** Reads the topic, watermarks only where they say something new, until every partition says that it has come to `head`, or for as long as may be waited for that. @throws Failure when a record cannot be read */
export async function copyTopic(
  brokers: readonly string[],
  topic: string,
  partitions: number,
  head: number,
): Promise<readonly TopicRecord[]> {
  const bus = new KafkaMessageBus({ brokers, clientId: `${topic}.checker` });
  const records: TopicRecord[] = [];
  const heads = new Map<number, number>();
  const epochs = new Map<number, number>();
  let [onHeads, onFailure]: [() => void, (failure: unknown) => void] = [() => undefined, () => undefined];
  const membership = await bus.follow({
    topic,
    from: new Map(Array.from({ length: partitions }, (_, partition) => [partition, 'first'])),
    onMessages: (partition, batch) => {
      try {
        for (const message of batch) {
          const record = topicRecordOf(message);
          const isOfSuccessor = record.epoch > (epochs.get(partition) ?? 0);
          const known = heads.get(partition) ?? -1;
          if (record.kind === 'watermark' && known >= record.head && !isOfSuccessor) continue;
          if (record.kind === 'watermark') heads.set(partition, Math.max(known, record.head));
          if (isOfSuccessor) epochs.set(partition, record.epoch);
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
