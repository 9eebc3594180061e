import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Admin } from '@platformatic/kafka';
import { startBroker, testKafka } from './broker-chain.js';
import { existingBrokers, whyNoBrokerOfOnesOwn } from './existing-cluster.js';
import { openDoor, sharedBrokers } from './shared-broker.js';

const noDocker = () => Promise.resolve(false);

describe('Apache Kafka for tests', () => {
  it('is the cluster that is named, which is not ours to kill', () => {
    const named = { KAFKA_BROKERS: 'one:9092, two:9092,' };
    expect(existingBrokers(named)).toEqual(['one:9092', 'two:9092']);
    expect(whyNoBrokerOfOnesOwn(named)).toMatch(/KAFKA_BROKERS/);
    expect(existingBrokers({})).toEqual([]);
    expect(whyNoBrokerOfOnesOwn({})).toBeNull();
  });

  it('is left as it was found: what a test has made goes, what others have made stays', async () => {
    const [mine, other] = await Promise.all([testKafka(), testKafka()]);
    expect(mine.prefix).not.toBe(other.prefix);
    const admin = new Admin({ clientId: 'visit', bootstrapBrokers: [...other.brokers] });
    const made = [`${mine.prefix}a`, `${mine.prefix}b`, `${other.prefix}a`];
    await admin.createTopics({ topics: made, partitions: 1, replicas: 1 });
    await mine.discard();
    const left = await admin.listTopics();
    expect(made.filter((topic) => left.includes(topic))).toEqual([`${other.prefix}a`]);
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
    const starting = startBroker(noDocker);
    await expect(starting).rejects.toThrow(/KAFKA_BROKERS=host:port .* a Docker engine; Java 17 and Maven/);
    await expect(starting).rejects.toThrow(/mvn could not fetch kafka/);
  });
});

describe('the broker that the files of one run share', () => {
  const { RINGFENCE_TEST_BROKER_DOOR: door = '' } = process.env;
  afterEach(() => {
    process.env['RINGFENCE_TEST_BROKER_DOOR'] = door;
  });

  it('starts once, when the first of them asks, and ends with the run', async () => {
    const calls: string[] = [];
    const close = await openDoor(() => {
      calls.push('start');
      const said = (word: string) => () => {
        calls.push(word);
        return Promise.resolve();
      };
      return Promise.resolve({
        brokers: ['one:1', 'two:2'],
        prefix: '',
        stall: said('stall'),
        kill: said('kill'),
        restart: said('restart'),
        discard: said('discard'),
      });
    });
    expect(calls).toEqual([]);
    expect(await Promise.all([sharedBrokers(), sharedBrokers()])).toEqual([
      ['one:1', 'two:2'],
      ['one:1', 'two:2'],
    ]);
    await close();
    expect(calls).toEqual(['start', 'discard']);
  });

  it('says to each of them why there is none', async () => {
    const close = await openDoor(() => Promise.reject(new Error('no Java')));
    await expect(sharedBrokers()).rejects.toThrow('no Java');
    await expect(sharedBrokers()).rejects.toThrow('no Java');
    await close();
  });
});
