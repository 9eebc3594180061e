import type { BusMessage, DecodedItem, UncommittedItem, UndecodableBatch } from '@ringfence/ports/message-bus/message';
import type { Isolation } from '@ringfence/ports/message-bus/taking';
import type { FetchedPartition } from './fetching.js';
import { batchesIn, type BatchRecord, isCommit, type RecordBatch, recordsOf } from './record-batch.js';

type Place = { readonly topic: string; readonly partition: number };

/** Yields the items of a partition from `from` on, as far as fetched, and the first offset after each batch. */
export function* itemsIn(
  topic: string,
  { partition, records, aborted }: FetchedPartition,
  from: bigint,
  isolation: Isolation,
): Generator<{ readonly items: readonly UncommittedItem[]; readonly next: bigint }> {
  if (isolation === 'committed') {
    yield* committedItemsIn(topic, { partition, records, aborted }, from);
    return;
  }
  for (const batch of batchesIn(records))
    if (batch.next > from) yield { items: uncommittedItems({ topic, partition }, batch, from), next: batch.next };
}

/** Yields the same as `itemsIn`, but only records outside of transactions or in committed ones. */
export function* committedItemsIn(
  topic: string,
  { partition, records, aborted }: Omit<FetchedPartition, 'errorCode'>,
  from: bigint,
): Generator<{ readonly items: readonly DecodedItem[]; readonly next: bigint }> {
  const isAborted = abortedIn(aborted);
  for (const batch of batchesIn(records)) {
    if (batch.next <= from) continue;
    yield { items: isAborted(batch) ? [] : decodedItems({ topic, partition }, batch, from), next: batch.next };
  }
}

/** Decodes a batch of messages: each from `from` on, or one item with the reason why it cannot be decoded. */
export function decodedItems(place: Place, batch: RecordBatch, from: bigint): readonly DecodedItem[] {
  try {
    return recordsOf(batch)
      .filter(({ offset }) => offset >= from)
      .map((record) => messageOf(place, record));
  } catch (failure) {
    return [undecodable(place, batch, from, failure)];
  }
}

function uncommittedItems(place: Place, batch: RecordBatch, from: bigint): readonly UncommittedItem[] {
  const { producer, next } = batch;
  const offset = firstFrom(batch, from);
  if (batch.isControl) return markerIn(place, batch, from);
  if (batch.isTransactional) return [{ kind: 'pending', ...place, offset, next, producer }];
  return decodedItems(place, batch, from);
}

function markerIn(place: Place, batch: RecordBatch, from: bigint): readonly UncommittedItem[] {
  const { firstOffset: offset, producer } = batch;
  // Other control batches concern only the brokers.
  if (!batch.isTransactional) return [];
  try {
    return [{ kind: 'transaction_end', ...place, offset, producer, committed: isCommit(batch) }];
  } catch (failure) {
    return [undecodable(place, batch, from, failure)];
  }
}

/** Recognises batches of aborted transactions, and markers; to be called with the batches in their order. */
function abortedIn(aborted: FetchedPartition['aborted']): (batch: RecordBatch) => boolean {
  const ahead = [...aborted].sort((one, other) => (one.first < other.first ? -1 : 1));
  const open = new Set<bigint>();
  return (batch) => {
    for (let next = ahead[0]; next !== undefined && next.first < batch.next; next = ahead[0]) {
      open.add(next.producer);
      ahead.shift();
    }
    if (batch.isControl) {
      open.delete(batch.producer);
      return true;
    }
    return batch.isTransactional && open.has(batch.producer);
  };
}

function messageOf({ topic, partition }: Place, { offset, key, value, headers }: BatchRecord): BusMessage {
  return {
    topic,
    partition,
    offset,
    key: key?.toString('latin1') ?? '',
    value: value ?? noBytes,
    headers: Object.fromEntries(headers.map(([name, text]) => [name?.toString() ?? '', text?.toString() ?? ''])),
  };
}

function undecodable(place: Place, batch: RecordBatch, from: bigint, failure: unknown): UndecodableBatch {
  const reason = `it cannot be decoded: ${failure instanceof Error ? failure.message : String(failure)}`;
  return { kind: 'undecodable', ...place, offset: firstFrom(batch, from), next: batch.next, reason };
}

function firstFrom({ firstOffset }: RecordBatch, from: bigint): bigint {
  return firstOffset < from ? from : firstOffset;
}

const noBytes = Buffer.alloc(0);
