import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import type { BusMessage, OutgoingMessage } from '@ringfence/messaging/message';
import { itUnless } from '@ringfence/testing/it-unless';
import { ownKafka } from '@ringfence/testing/kafka/broker-chain';
import { whyNoBrokerOfOnesOwn } from '@ringfence/testing/kafka/existing-cluster';
import type { OwnKafka } from '@ringfence/testing/kafka/test-kafka';
import { KafkaMessageBus } from './kafka-message-bus.js';

const topic = 'crash';
const keys = 32;
const messages = 30_000;
const underWayMax = 2_000;
const killAfterAcknowledged = [4_000, 14_000];

const it = itUnless(whyNoBrokerOfOnesOwn());

let broker: OwnKafka;
beforeAll(async () => {
  broker = await ownKafka();
}, 300_000);
afterAll(() => broker.discard(), 60_000);

describe('a broker that is killed under load', () => {
  it('loses nothing that was acknowledged, and keeps the order of every key', async () => {
    const bus = new KafkaMessageBus({ brokers: broker.brokers, clientId: 'crash' });
    await bus.ensureTopics([
      { name: topic, partitions: 8, replicas: { copies: 1, inSyncMin: 1 }, retention: { kind: 'forever' } },
    ]);
    const reader = readAll(bus);
    const acknowledged: number[] = [];
    const refused: unknown[] = [];
    const kills = [...killAfterAcknowledged];
    let crashing: Promise<void> = Promise.resolve();
    const onAcknowledged = (id: number) => {
      acknowledged.push(id);
      if (acknowledged.length < (kills[0] ?? Infinity)) return;
      kills.shift();
      crashing = crashing.then(() => broker.kill()).then(() => broker.restart());
    };

    // A bounded number of calls is under way at any time, and none waits for the one before it.
    const underWay = new Set<Promise<void>>();
    for (let id = 0; id < messages; id += 1) {
      const sent = bus.publish([messageOf(id)]).then(
        () => {
          onAcknowledged(id);
        },
        (failure: unknown) => {
          refused.push(failure);
        },
      );
      underWay.add(sent);
      void sent.then(() => underWay.delete(sent));
      if (underWay.size >= underWayMax) await Promise.race(underWay);
    }
    await Promise.all(underWay);
    await crashing;

    expect(kills).toEqual([]);
    expect(refused).toEqual([]);
    await reader.until(acknowledged.length);
    expect(new Set(reader.firstReadings())).toEqual(new Set(acknowledged));
    for (let key = 0; key < keys; key += 1) {
      const ids = reader.firstReadings().filter((id) => id % keys === key);
      expect(ids).toEqual(ids.toSorted((one, other) => one - other));
    }
    await bus.close();
  }, 240_000);
});

function messageOf(id: number): OutgoingMessage {
  return { topic, key: `key-${String(id % keys)}`, headers: { id: String(id) }, value: Buffer.alloc(200, 'x') };
}

/** Reads the whole topic; a message that comes twice counts where it came first. */
function readAll(bus: KafkaMessageBus) {
  const seen = new Set<number>();
  let onGrowth: () => void = () => undefined;
  const take = ({ headers }: BusMessage) => seen.add(Number(headers['id']));
  void bus.join({
    topic,
    group: 'crash.readers',
    onAssigned: () => Promise.resolve(new Map()),
    onMessages: (_partition, batch) => {
      batch.forEach(take);
      onGrowth();
      return Promise.resolve();
    },
    onRevoked: () => Promise.resolve(),
    onTrouble: () => undefined,
  });
  return {
    firstReadings: () => [...seen],
    until: (count: number) =>
      new Promise<void>((resolve) => {
        onGrowth = () => {
          if (seen.size >= count) resolve();
        };
        onGrowth();
      }),
  };
}
