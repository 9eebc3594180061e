import type { Failure } from '@ringfence/kernel/failure';
import { busFailures } from './failures.js';
import { type BusMessage, type DecodedItem, isMessage, type UncommittedItem } from './message.js';

/** What a reader is shown of transactions: nothing behind the first that is open, or all. */
export type Isolation = 'committed' | 'uncommitted';

/** What a reader takes of what stands in its partitions. @throws Failure: it is stopped by it */
export type Taking<Item extends UncommittedItem> = {
  readonly isolation: Isolation;
  readonly wanted: (item: UncommittedItem) => Item;
};

/** Messages alone: a batch that cannot be decoded stops the reader of its partition. */
export const messagesAlone: Taking<BusMessage> = {
  isolation: 'committed',
  wanted: (item) => {
    if (isMessage(item)) return item;
    throw notDecodable(item);
  },
};

export const decodable: Taking<DecodedItem> = {
  isolation: 'committed',
  wanted: (item) => {
    if (isMessage(item) || item.kind === 'undecodable') return item;
    throw notDecodable(item);
  },
};

export const everything: Taking<UncommittedItem> = { isolation: 'uncommitted', wanted: (item) => item };

function notDecodable({ topic, partition, offset, ...item }: UncommittedItem): Failure {
  return busFailures.batch_undecodable(topic, partition, offset, 'reason' in item ? item.reason : 'it is no message');
}
