/**
 * A message to publish. Messages of one key keep their order; a key's partition is `murmur2(key) mod partitions`,
 * unless one is named.
 */
export type OutgoingMessage = {
  readonly topic: string;
  /** ASCII. */
  readonly key: string;
  readonly partition?: number;
  readonly headers: MessageHeaders;
  readonly value: Uint8Array;
};

/** Names in lower case; values are UTF-8 text. */
export type MessageHeaders = Readonly<Record<string, string>>;

/**
 * A message that was read. The same message may come twice; readers deduplicate by its CloudEvents id or its offset.
 */
export type BusMessage = Omit<OutgoingMessage, 'partition'> & {
  readonly partition: number;
  readonly offset: bigint;
};

/**
 * A batch of a partition that the client cannot decode: compressed in a way that it does not know, or damaged. `next`:
 * the first offset behind it.
 */
export type UndecodableBatch = {
  readonly kind: 'undecodable';
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly next: bigint;
  readonly reason: string;
};

/**
 * A transaction of one producer in one partition: where its records begin, and the offset of the marker that committed
 * it.
 */
export type CommittedTransaction = { readonly producer: bigint; readonly first: bigint; readonly end: bigint };

/**
 * Records of a transaction of which nobody knows yet whether it will be committed. `next`: the first offset behind
 * them.
 */
export type PendingRecords = {
  readonly kind: 'pending';
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly next: bigint;
  readonly producer: bigint;
};

/** The marker, at `offset`, that ends the open transaction of a producer in this partition. */
export type TransactionEnd = {
  readonly kind: 'transaction_end';
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly producer: bigint;
  readonly committed: boolean;
};

/** An item of a reader that is not stopped by undecodable batches. A message has no `kind`. */
export type DecodedItem = BusMessage | UndecodableBatch;
/** An item of a reader that follows transactions itself: nothing waits for an open transaction. */
export type UncommittedItem = DecodedItem | PendingRecords | TransactionEnd;

export function isMessage(item: UncommittedItem): item is BusMessage {
  return !('kind' in item);
}

/** Returns the first offset behind the item. */
export function behind(item: UncommittedItem): bigint {
  return 'next' in item ? item.next : item.offset + 1n;
}

/** Bytes of a message's key, headers and value together. */
export const messageBytesMax = 900_000;
/** Upper bound of what a message costs beside its bytes. */
const messageOverheadBytes = 64;

/** Returns the bytes that a waiting item costs. */
export function itemBytesOf(item: UncommittedItem): number {
  return isMessage(item) ? bytesOf(item) : messageOverheadBytes;
}

export function bytesOf({ key, headers, value }: OutgoingMessage): number {
  let bytes = messageOverheadBytes + key.length + value.length;
  for (const name of Object.keys(headers)) bytes += name.length + Buffer.byteLength(headers[name] ?? '') + 2;
  return bytes;
}
