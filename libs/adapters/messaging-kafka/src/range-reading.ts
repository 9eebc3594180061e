import { setTimeout as sleep } from 'node:timers/promises';
import type { Broker, Consumer } from '@platformatic/kafka';
import { busFailures } from '@ringfence/ports/message-bus/failures';
import { type DecodedItem, itemBytesOf } from '@ringfence/ports/message-bus/message';
import type { PartitionRange, RangePlace, TransactionPlace } from '@ringfence/ports/message-bus/message-bus';
import { batchMessagesMax, intakeRetryMs } from '@ringfence/ports/message-bus/partition-intake';
import type { Isolation } from '@ringfence/ports/message-bus/taking';
import { answerMsMax, withTimeout } from './answered.js';
import { type BatchFetcher, errorCodes, type FetchedPartition, fetchWaitMsMax } from './fetching.js';
import { committedItemsIn, decodedItems } from './partition-items.js';
import { batchesIn } from './record-batch.js';

/** The most bytes of a page, unless a single message is larger. */
const pageBytesMax = 1_000_000;
/** The most failed fetches in a row. */
const failuresMax = 20;

export type RangeReadingParts = {
  readonly fetcher: BatchFetcher;
  readonly client: Pick<Consumer, 'metadata'>;
  readonly ranges: () => Promise<readonly PartitionRange[]>;
  readonly isClosed: () => boolean;
};

/**
 * Reads a partition from a transaction's first record to its end. Of batches of others, only the headers are examined.
 * @throws Failure `bus_unavailable` (retryable), `bus_closed`
 */
export function recordsOfTransaction(
  parts: RangeReadingParts,
  { topic, partition, transaction }: TransactionPlace,
): AsyncGenerator<readonly DecodedItem[]> {
  const { producer, first, end } = transaction;
  return pagesOf(parts, { topic, partition, first, end }, 'uncommitted', function* ({ records }) {
    for (const batch of batchesIn(records)) {
      const isOurs = batch.producer === producer && batch.isTransactional && !batch.isControl;
      yield { items: isOurs ? decodedItems({ topic, partition }, batch, first) : [], next: batch.next };
    }
  });
}

/**
 * Reads a part of a partition, without aborted transactions.
 * @throws Failure `bus_unavailable` (retryable), `bus_closed`
 */
export function recordsOfRange(parts: RangeReadingParts, place: RangePlace): AsyncGenerator<readonly DecodedItem[]> {
  return pagesOf(parts, place, 'committed', (fetched, offset) => committedItemsIn(place.topic, fetched, offset));
}

/** Extracts the items of a fetch from `offset` on, and the first offset after each batch. */
type ItemsOf = (
  fetched: FetchedPartition,
  offset: bigint,
) => Iterable<{ readonly items: readonly DecodedItem[]; readonly next: bigint }>;

async function* pagesOf(
  parts: RangeReadingParts,
  place: RangePlace,
  isolation: Isolation,
  itemsOf: ItemsOf,
): AsyncGenerator<readonly DecodedItem[]> {
  let page: DecodedItem[] = [];
  let bytes = 0;
  for (let offset = place.first; offset < place.end;) {
    const fetched = await fetchedAt(parts, place, isolation, offset);
    if (fetched.errorCode === errorCodes.offsetOutOfRange) {
      // Records that are no longer held are left out.
      const { first = place.end } = (await parts.ranges())[place.partition] ?? {};
      offset = first > offset ? first : place.end;
      continue;
    }
    for (const { items, next } of itemsOf(fetched, offset)) {
      if (next <= offset) continue;
      for (const item of items.filter((each) => each.offset < place.end)) {
        if (page.length >= batchMessagesMax || bytes + itemBytesOf(item) > pageBytesMax) {
          if (page.length > 0) yield page;
          page = [];
          bytes = 0;
        }
        page.push(item);
        bytes += itemBytesOf(item);
      }
      offset = next;
      if (offset >= place.end) break;
    }
    if (fetched.records.length === 0) break;
  }
  if (page.length > 0) yield page;
}

async function fetchedAt(
  { fetcher, client, isClosed }: RangeReadingParts,
  { topic, partition }: RangePlace,
  isolation: Isolation,
  offset: bigint,
): Promise<FetchedPartition> {
  for (let failures = 0; ; failures += 1) {
    if (isClosed()) throw busFailures.bus_closed();
    try {
      const broker = await leaderOf(client, topic, partition, failures > 0);
      const asked = { topic, isolation, waitMs: fetchWaitMsMax, partitions: [{ partition, offset }] };
      const [fetched] = await fetcher.fetch(broker, asked);
      if (fetched?.errorCode === 0 || fetched?.errorCode === errorCodes.offsetOutOfRange) return fetched;
      throw new Error(`${topic}, partition ${String(partition)}: error ${String(fetched?.errorCode)}`);
    } catch (failure) {
      if (failures >= failuresMax) throw busFailures.bus_unavailable(failure);
      await sleep(intakeRetryMs);
    }
  }
}

async function leaderOf(
  client: RangeReadingParts['client'],
  topic: string,
  partition: number,
  forceUpdate: boolean,
): Promise<Broker> {
  const { topics, brokers } = await withTimeout(client.metadata({ topics: [topic], forceUpdate }), answerMsMax);
  const broker = brokers.get(topics.get(topic)?.partitions[partition]?.leader ?? -1);
  if (broker === undefined) throw new Error(`${topic}, partition ${String(partition)}, has no leader`);
  return broker;
}
