import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { testKafka } from '@ringfence/testing/kafka/broker-chain';
import type { TestKafka } from '@ringfence/testing/kafka/test-kafka';
import { sessionMs } from './group-reader.js';
import { KafkaMessageBus } from './kafka-message-bus.js';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const partitions = 4;

let kafka: TestKafka;
let bus: KafkaMessageBus | undefined;
beforeAll(async () => {
  kafka = await testKafka();
}, 120_000);
afterEach(async () => {
  await bus?.close();
}, 30_000);
afterAll(() => kafka.discard(), 60_000);

/** Joins the group in a process of its own. @returns kills it */
async function joinElsewhere(topic: string, member: string): Promise<() => Promise<void>> {
  const options = JSON.stringify({ brokers: kafka.brokers, clientId: `${kafka.prefix}elsewhere`, member });
  const code = `
    import { KafkaMessageBus } from '@ringfence/messaging-kafka/kafka-message-bus';
    await new KafkaMessageBus(${options}).join({
      topic: '${topic}', group: '${topic}.readers',
      onAssigned: (partitions) => (console.log(partitions.join()), Promise.resolve(new Map())),
      onMessages: () => Promise.resolve(), onRevoked: () => Promise.resolve(), onTrouble: () => undefined,
    });`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] }); // prettier-ignore
  await once(createInterface(child.stdout), 'line');
  return async () => {
    child.kill('SIGKILL');
    await once(child, 'close');
  };
}

describe('a member of a group that has a name', () => {
  it('has at once what it had when it was killed, for the group need not find out first that it is dead', async () => {
    const topic = `${kafka.prefix}named`;
    bus = new KafkaMessageBus({ brokers: kafka.brokers, clientId: `${kafka.prefix}named`, member: 'one' });
    await bus.ensureTopics([{ name: topic, partitions, replicas: { copies: 1, inSyncMin: 1 }, retention: { kind: 'forever' } }]); // prettier-ignore
    const kill = await joinElsewhere(topic, 'one');
    await kill();
    const killedAt = performance.now();
    const reader = bus;
    const assigned = await new Promise<readonly number[]>((resolve, reject) => {
      reader
        .join({
          topic,
          group: `${topic}.readers`,
          onAssigned: (given) => {
            resolve(given);
            return Promise.resolve(new Map());
          },
          onMessages: () => Promise.resolve(),
          onRevoked: () => Promise.resolve(),
          onTrouble: () => undefined,
        })
        .catch(reject);
    });
    expect([...assigned].sort()).toEqual([0, 1, 2, 3]);
    expect(performance.now() - killedAt).toBeLessThan(sessionMs / 2);
  }, 60_000);
});
