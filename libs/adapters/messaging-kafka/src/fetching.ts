import { ConnectionPool, createAPI, fetchV12, type Broker, type Reader } from '@platformatic/kafka';
import type { Isolation } from '@ringfence/ports/message-bus/taking';
import { clientOptions, type KafkaConnection } from './kafka-connection.js';

/** The longest that a broker leaves a fetch unanswered while there is nothing new. */
export const fetchWaitMsMax = 250;
/** The most bytes of an answer, and of one partition in it; a single larger batch is returned as a whole. */
const fetchBytesMax = 10_485_760;
const partitionBytesMax = 1_048_576;

export type FetchedPartition = {
  readonly partition: number;
  /** 0: none. */
  readonly errorCode: number;
  readonly aborted: readonly { readonly producer: bigint; readonly first: bigint }[];
  readonly records: Buffer;
};

type FetchAsked = {
  readonly topic: string;
  readonly isolation: Isolation;
  readonly waitMs: number;
  readonly partitions: readonly { readonly partition: number; readonly offset: bigint }[];
};

/** Error codes that a broker returns for a partition. */
export const errorCodes = { offsetOutOfRange: 1 } as const;

/**
 * Fetches record batches undecoded, over its own connections. The client would decode them first, fail for all
 * partitions of an answer because of one undecodable batch, and hide both the transaction of a batch and the markers.
 */
export class BatchFetcher {
  readonly #pool: ConnectionPool;

  constructor(connection: KafkaConnection) {
    const { clientId, timeout: requestTimeout, ...options } = clientOptions(connection);
    this.#pool = new ConnectionPool(clientId, { ...options, requestTimeout });
  }

  /** @throws what the connection throws */
  async fetch(broker: Broker, asked: FetchAsked): Promise<readonly FetchedPartition[]> {
    const { topic, isolation, waitMs, partitions } = asked;
    const wanted = partitions.map(({ partition, offset }) => ({
      partition,
      fetchOffset: offset,
      currentLeaderEpoch: unknownEpoch,
      lastFetchedEpoch: unknownEpoch,
      partitionMaxBytes: partitionBytesMax,
    }));
    const connection = await this.#pool.get(broker);
    return fetchApi.async(
      connection,
      waitMs,
      1,
      fetchBytesMax,
      isolation === 'committed' ? 1 : 0,
      noSession,
      sessionless,
      [{ topicId: topic, partitions: wanted }],
      [],
      '',
    );
  }

  async close(): Promise<void> {
    await this.#pool.close();
  }
}

const unknownEpoch = -1;
const noSession = 0;
const sessionless = -1;

type WantedPartition = {
  readonly partition: number;
  readonly fetchOffset: bigint;
  readonly currentLeaderEpoch: number;
  readonly lastFetchedEpoch: number;
  readonly partitionMaxBytes: number;
};
type FetchArguments = [
  waitMs: number,
  bytesMin: number,
  bytesMax: number,
  isolation: number,
  session: number,
  sessionEpoch: number,
  topics: readonly { readonly topicId: string; readonly partitions: readonly WantedPartition[] }[],
  forgotten: readonly never[],
  rack: string,
];

/** Version 12 identifies topics by name, as requests here do; brokers from 2.7 to 4.4 support it. */
const fetchApi = createAPI<FetchArguments, readonly FetchedPartition[]>(1, 12, fetchV12.createRequest, readAnswer);

function readAnswer(_correlation: number, _api: number, _version: number, reader: Reader): readonly FetchedPartition[] {
  reader.readInt32(); // throttled for
  const errorCode = reader.readInt16();
  reader.readInt32(); // session
  const topics = reader.readArray((topic) => {
    topic.readString();
    return topic.readArray(readPartition);
  });
  if (errorCode !== 0) throw new Error(`the broker answers a fetch with error ${String(errorCode)}`);
  return topics.flat();
}

function readPartition(reader: Reader): FetchedPartition {
  const partition = reader.readInt32();
  const errorCode = reader.readInt16();
  reader.readInt64(); // high watermark
  reader.readInt64(); // last stable offset
  reader.readInt64(); // first offset
  const aborted = reader.readNullableArray((one) => ({ producer: one.readInt64(), first: one.readInt64() })) ?? [];
  reader.readInt32(); // preferred replica
  const size = Math.max(0, reader.readUnsignedVarInt() - 1);
  const records = reader.buffer.slice(reader.position, reader.position + size);
  reader.skip(size);
  return { partition, errorCode, aborted, records };
}
