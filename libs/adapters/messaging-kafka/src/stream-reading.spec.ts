import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Consumer, MessagesStream } from '@platformatic/kafka';
import type { Joining } from '@ringfence/messaging/message-bus';
import { testKafka } from '@ringfence/testing/kafka/broker-chain';
import type { TestKafka } from '@ringfence/testing/kafka/test-kafka';
import { GroupReader } from './group-reader.js';
import { KafkaMessageBus } from './kafka-message-bus.js';

const silentMsMax = 2_000;
const fetch = Reflect.get(Consumer.prototype, 'fetch') as unknown as () => void;
const close = Reflect.get(MessagesStream.prototype, 'close') as unknown as () => void;

let kafka: TestKafka;
let bus: KafkaMessageBus;
let topic: string;
let reader: GroupReader;
let read: string[];
let onRead: () => void = () => undefined;
const troubles: unknown[] = [];

beforeAll(async () => {
  kafka = await testKafka();
  bus = new KafkaMessageBus({ brokers: kafka.brokers, clientId: `${kafka.prefix}silence` });
}, 120_000);
beforeEach(async () => {
  topic = `${kafka.prefix}silence-${randomUUID()}`;
  await bus.ensureTopics([
    { name: topic, partitions: 2, replicas: { copies: 1, inSyncMin: 1 }, retention: { kind: 'forever' } },
  ]);
  read = [];
  reader = readerOf({
    onAssigned: () => Promise.resolve(new Map()),
    onMessages: (_partition, batch) => {
      read.push(...batch.map(({ value }) => Buffer.from(value).toString()));
      onRead();
      return Promise.resolve();
    },
  });
  await reader.join();
}, 60_000);
afterEach(async () => {
  Object.assign(Consumer.prototype, { fetch });
  Object.assign(MessagesStream.prototype, { close });
  await reader.leave();
}, 60_000);
afterAll(async () => {
  await bus.close();
  await kafka.discard();
}, 60_000);

describe('a stream of the client', () => {
  it('that says nothing any more, because a fetch was lost, is opened anew where it was', async () => {
    await published('one');
    let lost = 0;
    Object.assign(Consumer.prototype, {
      fetch(...asked: unknown[]) {
        lost += 1;
        if (lost > 1) Reflect.apply(fetch, this, asked);
      },
    });
    while (lost === 0) await new Promise(setImmediate);
    await published('two');

    expect(read).toEqual(['one', 'two']);
    expect(troubles).toMatchObject([{ code: 'bus_unavailable' }]);
  });

  it('that does not end when it is told to is given up: another takes its place', async () => {
    await published('one');
    Object.assign(MessagesStream.prototype, { close: () => new Promise(() => undefined) });
    let given: () => void = () => undefined;
    const hasOne = new Promise<void>((resolve) => (given = resolve));
    const other = readerOf({
      onAssigned: () => {
        given();
        return Promise.resolve(new Map());
      },
      onMessages: () => Promise.resolve(),
    });
    await other.join();
    await hasOne;
    await other.leave();
    // Both partitions are the first one's again, for which it has to open a stream.
    await published('two', 0);
    await published('three', 1);

    expect(new Set(read)).toEqual(new Set(['one', 'two', 'three']));
  });
});

/** A member of the topic's one group. */
function readerOf(joining: Pick<Joining, 'onAssigned' | 'onMessages'>): GroupReader {
  const connection = { brokers: kafka.brokers, clientId: `${kafka.prefix}${randomUUID()}` };
  const onRevoked = () => Promise.resolve();
  const onTrouble = (cause: unknown) => troubles.push(cause);
  const ranges = (named: string) => bus.ranges(named);
  return new GroupReader(
    connection,
    { topic, group: topic, onRevoked, onTrouble, ...joining },
    ranges,
    null,
    silentMsMax,
  );
}

/** Settles when it is read, too. */
async function published(text: string, partition = 0): Promise<void> {
  const seen = new Promise<void>((resolve) => {
    onRead = () => {
      if (read.includes(text)) resolve();
    };
  });
  await bus.publish([{ topic, key: 'k', partition, headers: {}, value: Buffer.from(text) }]);
  await seen;
}
