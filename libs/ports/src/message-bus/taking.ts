import type { Failure } from '@ringfence/kernel/failure';
import { busFailures } from './failures.js';
import { type BusMessage, type DecodedItem, isMessage, type UncommittedItem } from './message.js';

/** Visibility of transactions to a reader: nothing behind the first open one, or everything. */
export type Isolation = 'committed' | 'uncommitted';

/**
 * Selection of the items that a reader takes from its partitions.
 * @throws Failure: stops the reader
 */
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
