import { channel } from 'node:diagnostics_channel';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { testKafka } from '@ringfence/testing/kafka/broker-chain';
import type { TestKafka } from '@ringfence/testing/kafka/test-kafka';
import { KafkaMessageBus } from './kafka-message-bus.js';

let kafka: TestKafka;
let bus: KafkaMessageBus;
beforeAll(async () => {
  kafka = await testKafka();
  bus = new KafkaMessageBus({ brokers: kafka.brokers, clientId: `${kafka.prefix}prepared` });
}, 120_000);
afterAll(async () => {
  await bus.close();
  await kafka.discard();
}, 60_000);

/** The client's own report of an answered request for a producer's id. */
const initialised = channel('tracing:plt:kafka:producer:initIdempotent:asyncEnd');

it('a bus has the id of its producer before it is given a message, so that the first one does not wait for it', async () => {
  let ids = 0;
  const count = () => {
    ids += 1;
  };
  const first = new Promise<void>((resolve) => {
    const onReport = () => {
      initialised.unsubscribe(onReport);
      resolve();
    };
    initialised.subscribe(onReport);
  });
  initialised.subscribe(count);
  const topic = `${kafka.prefix}prepared`;
  const replicas = { copies: 1, inSyncMin: 1 };
  await bus.ensureTopics([{ name: topic, partitions: 1, replicas, retention: { kind: 'forever' } }]);
  await first;
  await bus.publish([{ topic, key: 'k', partition: 0, headers: {}, value: Buffer.from('one') }]);
  expect(ids).toBe(1);
  initialised.unsubscribe(count);
});
