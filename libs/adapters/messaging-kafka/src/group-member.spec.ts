import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { testKafka } from '@ringfence/testing/kafka/broker-chain';
import type { TestKafka } from '@ringfence/testing/kafka/test-kafka';
import { removeGone } from './group-members.js';
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
      onMessages: () => Promise.resolve(), onRevoked: () => Promise.resolve(), onRetryableError: () => undefined,
    });`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(createInterface(child.stdout), 'line');
  return async () => {
    child.kill('SIGKILL');
    await once(child, 'close');
  };
}

/** Joins the group here. @returns what it has, as it changes */
async function joinHere(topic: string, member: string) {
  bus = new KafkaMessageBus({ brokers: kafka.brokers, clientId: `${kafka.prefix}${member}`, member });
  const owned = new Set<number>();
  let look: () => void = () => undefined;
  await bus.join({
    topic,
    group: `${topic}.readers`,
    onAssigned: (given) => {
      for (const partition of given) owned.add(partition);
      look();
      return Promise.resolve(new Map());
    },
    onMessages: () => Promise.resolve(),
    onRevoked: (lost) => {
      for (const partition of lost) owned.delete(partition);
      return Promise.resolve();
    },
    onRetryableError: () => undefined,
  });
  const has = (count: number) =>
    new Promise<void>((resolve) => {
      look = () => {
        if (owned.size === count) resolve();
      };
      look();
    });
  return { owned, has };
}

async function makeTopic(name: string): Promise<string> {
  const topic = `${kafka.prefix}${name}`;
  const maker = new KafkaMessageBus({ brokers: kafka.brokers, clientId: `${kafka.prefix}maker` });
  await maker.ensureTopics([
    { name: topic, partitions, replicas: { copies: 1, inSyncMin: 1 }, retention: { kind: 'forever' } },
  ]);
  await maker.close();
  return topic;
}

describe('a member of a group whose process is known to be gone', () => {
  it('is taken out, and the others have what it had, sooner than the group would have noticed', async () => {
    const topic = await makeTopic('gone');
    const kill = await joinElsewhere(topic, 'one');
    const other = await joinHere(topic, 'two');
    await other.has(partitions / 2);
    await kill();
    const connection = { brokers: kafka.brokers, clientId: `${kafka.prefix}remover` };
    const group = `${topic}.readers`;
    expect(await removeGone(connection, group, (member) => member === 'nobody')).toEqual([]);
    expect(await removeGone(connection, group, (member) => member === 'one')).toEqual(['one']);
    // Before the session of the dead one can have ended, the group knows no more of it.
    expect(await removeGone(connection, group, (member) => member === 'one')).toEqual([]);
    await other.has(partitions);
  }, 60_000);

  it('joins again by itself when it was not gone at all', async () => {
    const topic = await makeTopic('mistaken');
    const mistaken = await joinHere(topic, 'one');
    await mistaken.has(partitions);
    const connection = { brokers: kafka.brokers, clientId: `${kafka.prefix}remover` };
    expect(await removeGone(connection, `${topic}.readers`, () => true)).toEqual(['one']);
    // As one that the group has not seen before.
    let back: readonly string[] = [];
    while (back.length === 0) back = await removeGone(connection, `${topic}.readers`, () => true);
    expect(back).toEqual(['one']);
    await mistaken.has(partitions);
  }, 60_000);

  it('leaves at any moment of its joining again', async () => {
    const topic = await makeTopic('leaving');
    const connection = { brokers: kafka.brokers, clientId: `${kafka.prefix}remover` };
    const remove = async () => {
      while ((await removeGone(connection, `${topic}.readers`, () => true)).length === 0);
    };
    // In some of these moments the client waits for half a minute before it has left.
    for (const afterMs of [84, 98, 112, 252, 266, 280]) {
      const mistaken = await joinHere(topic, `member-${String(afterMs)}`);
      await mistaken.has(partitions);
      await remove();
      await remove();
      await sleep(afterMs);
      await bus?.close();
    }
    // Less than one such wait.
  }, 30_000);
});

describe('a member of a group that has a name', () => {
  it('has at once what it had when it was killed, for the group need not find out first that it is dead', async () => {
    const topic = `${kafka.prefix}named`;
    bus = new KafkaMessageBus({ brokers: kafka.brokers, clientId: `${kafka.prefix}named`, member: 'one' });
    await bus.ensureTopics([
      { name: topic, partitions, replicas: { copies: 1, inSyncMin: 1 }, retention: { kind: 'forever' } },
    ]);
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
          onRetryableError: () => undefined,
        })
        .catch(reject);
    });
    expect([...assigned].sort()).toEqual([0, 1, 2, 3]);
    // Else it takes a whole session from its last heartbeat on, which was a moment ago.
    expect(performance.now() - killedAt).toBeLessThan(sessionMs - 1_000);
  }, 60_000);
});
