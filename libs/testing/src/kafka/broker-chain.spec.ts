import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Admin } from '@platformatic/kafka';
import { kafkaOfRun, startBroker, testKafka } from './broker-chain.js';
import { whyNoBrokerOfOnesOwn, whyNoSecuredBroker } from './broker-of-ones-own.js';
import { existingBrokers } from './existing-cluster.js';
import { startCoordinator, sharedKafka, sharedTopics } from './shared-broker.js';

const no = () => Promise.resolve(false);
const yes = () => Promise.resolve(true);

/** Sets a variable for one test. @returns puts back what there was, nothing included */
function setting(name: string, value: string): () => void {
  const before = process.env[name];
  process.env[name] = value;
  return () => {
    if (before === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = before;
  };
}

describe('Apache Kafka for tests', () => {
  it('is the cluster that is named, which is not ours to kill', () => {
    const named = { KAFKA_BROKERS: 'one:9092, two:9092,' };
    expect(existingBrokers(named)).toEqual(['one:9092', 'two:9092']);
    expect(existingBrokers({})).toEqual([]);
  });

  it('is the named cluster for everything that the files of a run share', async () => {
    const { brokers } = await testKafka();
    const restore = setting('KAFKA_BROKERS', brokers.join(','));
    try {
      expect((await kafkaOfRun()).brokers).toEqual(brokers);
    } finally {
      restore();
    }
  }, 120_000);

  it('that may be killed is one of the test’s own, beside the named cluster; without any means it is a skip, except in a build', async () => {
    const named = { KAFKA_BROKERS: 'one:9092' };
    const why = (environment: NodeJS.ProcessEnv, docker = no, script = no) =>
      whyNoBrokerOfOnesOwn(environment, { docker, script });
    expect(await why(named)).toMatch(/KAFKA_BROKERS .* not ours to kill/);
    expect(await why(named, yes)).toBeNull();
    expect(await why(named, no, yes)).toBeNull();
    expect(await why({ ...named, CI: 'true' })).toBeNull();
    expect(await why({})).toBeNull();
    expect(await whyNoSecuredBroker(named, { script: no })).toMatch(/KAFKA_BROKERS .* not ours to kill/);
    expect(await whyNoSecuredBroker(named, { script: yes })).toBeNull();
    expect(await whyNoSecuredBroker({ ...named, CI: 'true' }, { script: no })).toBeNull();
    expect(await whyNoSecuredBroker({}, { script: no })).toBeNull();
  });

  it('is left as it was found: what a test has made goes, what others have made stays', async () => {
    const [mine, other] = await Promise.all([testKafka(), testKafka()]);
    expect(mine.prefix).not.toBe(other.prefix);
    const admin = new Admin({ clientId: 'visit', bootstrapBrokers: [...other.brokers] });
    const made = [`${mine.prefix}a`, `${mine.prefix}b`, `${other.prefix}a`];
    await admin.createTopics({ topics: made, partitions: 1, replicas: 1 });
    // A broker says what the controller has done a little later.
    const listed = async (wanted: readonly string[]) => {
      const isSo = (there: readonly string[]) =>
        made.every((topic) => there.includes(topic) === wanted.includes(topic));
      while (!isSo(await admin.listTopics())) await new Promise((resolve) => setImmediate(resolve));
    };
    await listed(made);
    await mine.discard();
    await listed([`${other.prefix}a`]);
    await admin.close();
    await other.discard();
  }, 120_000);
});

describe('where there is no Apache Kafka', () => {
  const { PATH: path = '' } = process.env;
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ringfence-no-maven-'));
    await writeFile(join(folder, 'mvn'), '#!/bin/sh\nexit 1\n');
    await chmod(join(folder, 'mvn'), 0o755);
    process.env['PATH'] = `${folder}${delimiter}${path}`;
    process.env['KAFKA_HOME_LOCAL'] = join(folder, 'kafka');
  });
  afterEach(async () => {
    process.env['PATH'] = path;
    delete process.env['KAFKA_HOME_LOCAL'];
    await rm(folder, { recursive: true, force: true });
  });

  it('the failure names the three ways to have one, and says what went wrong', async () => {
    const starting = startBroker(no);
    await expect(starting).rejects.toThrow(/KAFKA_BROKERS=host:port .* a Docker engine; Java 17 and Maven/);
    await expect(starting).rejects.toThrow(/mvn could not fetch kafka/);
  });
});

describe('the broker that the files of one run share', () => {
  let restore: () => void;
  beforeEach(() => {
    // Starting the coordinator publishes its address: the run's own has to be found again afterwards.
    restore = setting('TEST_BROKER_DOOR', '');
  });
  afterEach(() => {
    restore();
  });

  it('starts once, when the first of them asks, and ends with the run', async () => {
    const calls: string[] = [];
    const close = await startCoordinator(() => {
      calls.push('start');
      const noted = (word: string) => () => {
        calls.push(word);
        return Promise.resolve();
      };
      return Promise.resolve({
        brokers: ['one:1', 'two:2'],
        prefix: 'run-',
        discard: noted('discard'),
      });
    });
    expect(calls).toEqual([]);
    const shared = { brokers: ['one:1', 'two:2'], prefix: 'run-' };
    expect(await Promise.all([sharedKafka(), sharedKafka()])).toEqual([shared, shared]);
    expect(await sharedTopics('file')).toEqual({ brokers: shared.brokers, topicPrefix: 'run-file' });
    await close();
    expect(calls).toEqual(['start', 'discard']);
  });

  it('says to each of them why there is none', async () => {
    const close = await startCoordinator(() => Promise.reject(new Error('no Java')));
    await expect(sharedKafka()).rejects.toThrow('no Java');
    await expect(sharedTopics('file')).rejects.toThrow('no Java');
    await close();
  });

  it('is found again after these tests', async () => {
    restore();
    expect((await testKafka()).brokers.length).toBeGreaterThan(0);
  }, 120_000);
});
