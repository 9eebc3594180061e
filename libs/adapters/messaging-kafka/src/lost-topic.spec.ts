import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { OutgoingMessage } from '@ringfence/ports/message-bus/message';
import { testKafka } from '@ringfence/testing/kafka/broker-chain';
import type { TestKafka } from '@ringfence/testing/kafka/test-kafka';
import { KafkaMessageBus } from './kafka-message-bus.js';

let kafka: TestKafka;
let bus: KafkaMessageBus;
let here: string;
let gone: string;

beforeAll(async () => {
  kafka = await testKafka();
  // As the bus of the accounts' own topics: it gives up at what is not there.
  bus = new KafkaMessageBus({ brokers: kafka.brokers, clientId: `${kafka.prefix}lost`, retriesMax: 2 });
  [here, gone] = [`${kafka.prefix}here`, `${kafka.prefix}gone`];
  await bus.ensureTopics([
    { name: here, partitions: 1, replicas: { copies: 1, inSyncMin: 1 }, retention: { kind: 'forever' } },
  ]);
}, 120_000);
afterAll(async () => {
  await bus.close();
  await kafka.discard();
}, 60_000);

function to(topic: string, text: string): OutgoingMessage {
  return { topic, key: 'k', partition: 0, headers: {}, value: Buffer.from(text) };
}

/** The first so many messages of the topic that is there. */
async function read(count: number): Promise<readonly string[]> {
  const found: string[] = [];
  let enough: () => void = () => undefined;
  const all = new Promise<void>((resolve) => (enough = resolve));
  const membership = await bus.follow({
    topic: here,
    from: new Map([[0, 'first']]),
    onMessages: (_partition, batch) => {
      found.push(...batch.map(({ value }) => Buffer.from(value).toString()));
      if (found.length >= count) enough();
      return Promise.resolve();
    },
    onRetryableError: () => undefined,
  });
  await all;
  await membership.leave();
  return found;
}

describe('a topic that is gone', () => {
  it('fails what is for it, and nobody else’s messages that share its send', async () => {
    const calls = [[to(here, 'one')], [to(gone, 'lost')], [to(here, 'two'), to(gone, 'lost too')], [to(here, 'three')]];
    const settled = await Promise.allSettled(calls.map((messages) => bus.publish(messages)));
    expect(settled.map((each) => (each.status === 'rejected' ? (each.reason as Error) : each.status))).toEqual([
      'fulfilled',
      expect.objectContaining({ code: 'bus_unavailable' }),
      expect.objectContaining({ code: 'bus_unavailable' }),
      'fulfilled',
    ]);
    // Each once, in the order of the calls; of the call that was for both topics too.
    expect(await read(3)).toEqual(['one', 'two', 'three']);
    expect((await bus.ranges(here))[0]?.next).toBe(3n);
  }, 60_000);
});
