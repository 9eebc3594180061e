/** What is published. Messages of one key keep their order; a key's partition is `murmur2(key) mod partitions`, unless one is named. */
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

/** What is read. The same message may come twice; whoever reads dedupes by its CloudEvents id or its offset. */
export type BusMessage = Omit<OutgoingMessage, 'partition'> & {
  readonly partition: number;
  readonly offset: bigint;
};

/** Bytes of a message's key, headers and value together. */
export const messageBytesMax = 900_000;
/** What a message costs beside its bytes, at most. */
const messageOverheadBytes = 64;

export function bytesOf({ key, headers, value }: OutgoingMessage): number {
  let bytes = messageOverheadBytes + key.length + value.length;
  for (const name of Object.keys(headers)) bytes += name.length + Buffer.byteLength(headers[name] ?? '') + 2;
  return bytes;
}
