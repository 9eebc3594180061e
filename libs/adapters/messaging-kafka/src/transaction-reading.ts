import { setTimeout as sleep } from 'node:timers/promises';
import type { Broker, Consumer } from '@platformatic/kafka';
import { busFailures } from '@ringfence/messaging/failures';
import { type DecodedItem, itemBytesOf } from '@ringfence/messaging/message';
import type { PartitionRange, TransactionPlace } from '@ringfence/messaging/message-bus';
import { batchMessagesMax, retryAfterMs } from '@ringfence/messaging/partition-intake';
import { answerMsMax, unlessLate } from './answered.js';
import { type BatchFetcher, errorCodes, type FetchedPartition, fetchWaitMsMax } from './fetching.js';
import { decodedItems } from './partition-items.js';
import { batchesIn } from './record-batch.js';

/** Bytes of a page, but for one message that has more. */
const pageBytesMax = 1_000_000;
/** Fetches in a row that may fail. */
const failuresMax = 20;

export type TransactionReadingParts = {
  readonly fetcher: BatchFetcher;
  readonly client: Pick<Consumer, 'metadata'>;
  readonly ranges: () => Promise<readonly PartitionRange[]>;
  readonly isClosed: () => boolean;
};

/**
 * Reads a partition from a transaction's first record to its end. Of the batches of others the heads alone are looked at.
 * @throws Failure `bus_unavailable` (retryable), `bus_closed`
 */
export async function* recordsOfTransaction(
  parts: TransactionReadingParts,
  place: TransactionPlace,
): AsyncGenerator<readonly DecodedItem[]> {
  const { topic, partition, transaction } = place;
  let page: DecodedItem[] = [];
  let bytes = 0;
  for (let offset = transaction.first; offset < transaction.end;) {
    const fetched = await fetchedAt(parts, place, offset);
    if (fetched.errorCode === errorCodes.offsetOutOfRange) {
      // What is held no more is left out.
      const { first = transaction.end } = (await parts.ranges())[partition] ?? {};
      offset = first > offset ? first : transaction.end;
      continue;
    }
    for (const batch of batchesIn(fetched.records)) {
      if (batch.next <= offset || batch.firstOffset >= transaction.end) continue;
      const isOurs = batch.producer === transaction.producer && batch.isTransactional && !batch.isControl;
      for (const item of isOurs ? decodedItems({ topic, partition }, batch, transaction.first) : []) {
        if (page.length >= batchMessagesMax || bytes + itemBytesOf(item) > pageBytesMax) {
          if (page.length > 0) yield page;
          page = [];
          bytes = 0;
        }
        page.push(item);
        bytes += itemBytesOf(item);
      }
      offset = batch.next;
    }
    if (fetched.records.length === 0) break;
  }
  if (page.length > 0) yield page;
}

async function fetchedAt(
  { fetcher, client, isClosed }: TransactionReadingParts,
  { topic, partition }: TransactionPlace,
  offset: bigint,
): Promise<FetchedPartition> {
  for (let failures = 0; ; failures += 1) {
    if (isClosed()) throw busFailures.bus_closed();
    try {
      const broker = await leaderOf(client, topic, partition, failures > 0);
      const asked = { topic, isolation: 'uncommitted', waitMs: fetchWaitMsMax, partitions: [{ partition, offset }] } as const; // prettier-ignore
      const [fetched] = await fetcher.fetch(broker, asked);
      if (fetched?.errorCode === 0 || fetched?.errorCode === errorCodes.offsetOutOfRange) return fetched;
      throw new Error(`${topic}, partition ${String(partition)}: error ${String(fetched?.errorCode)}`);
    } catch (failure) {
      if (failures >= failuresMax) throw busFailures.bus_unavailable(failure);
      await sleep(retryAfterMs);
    }
  }
}

async function leaderOf(
  client: TransactionReadingParts['client'],
  topic: string,
  partition: number,
  forceUpdate: boolean,
): Promise<Broker> {
  const { topics, brokers } = await unlessLate(client.metadata({ topics: [topic], forceUpdate }), answerMsMax);
  const broker = brokers.get(topics.get(topic)?.partitions[partition]?.leader ?? -1);
  if (broker === undefined) throw new Error(`${topic}, partition ${String(partition)}, has no leader`);
  return broker;
}
