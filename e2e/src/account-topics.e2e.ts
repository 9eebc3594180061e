import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { KafkaMessageBus } from '@ringfence/messaging-kafka/kafka-message-bus';
import {
  fetchPlatformKeys,
  MemoryCheckpoints,
  type PlatformKeys,
  RingfenceClient,
  type RingfenceEvent,
} from '@ringfence/sdk';
import { securedKafka } from '@ringfence/testing/kafka/broker-chain';
import { whyNoSecuredBroker } from '@ringfence/testing/kafka/broker-of-ones-own';
import type { OwnKafka } from '@ringfence/testing/kafka/test-kafka';
import { itUnless } from '@ringfence/testing/it-unless';
import { openAccount, wanted } from './test-accounts.js';
import { readLog } from './log-reader.js';
import { PlatformProcess } from './platform-process.js';

const cli = fileURLToPath(new URL('../../apps/cli/dist/main.js', import.meta.url));
const reason = await whyNoSecuredBroker();
const itWithOwnBroker = itUnless(reason);
const passwords = { operator: 'o-1', anna: 'a-1', bert: 'b-1' };
type Name = keyof typeof passwords;
type Service = { readonly name: Name; readonly account: string; readonly keyId: string; readonly privateKey: string };

const call = { from_number: '+15005550100', to_number: '+15005550000' };
const wide = { scopes: ['calls:write'], calls_per_second: 500, burst_calls: 500, lines_max: 500 };
const startWithinMs = 240_000;

let broker: OwnKafka;
let platform: PlatformProcess;
let platformKeys: PlatformKeys;
let anna: Service;
let bert: Service;
const clients: RingfenceClient[] = [];

function saslOf(name: Name) {
  return { mechanism: 'PLAIN', username: name, password: passwords[name] } as const;
}

async function topics(...args: readonly string[]): Promise<readonly unknown[]> {
  const env = {
    PATH: process.env['PATH'],
    KAFKA_BROKERS: broker.brokers.join(','),
    RINGFENCE_KAFKA_SASL: `PLAIN:operator:${passwords.operator}`,
  };
  const { stdout } = await promisify(execFile)(process.execPath, [cli, 'topics', ...args, '--json'], { env });
  return stdout
    .trim()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown);
}

/** An account with a signing key, whose principal was granted topics of its own. */
async function serviceOf(name: Name): Promise<Service> {
  const account = await openAccount(platform, name);
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const { kty, crv, x } = publicKey.export({ format: 'jwk' });
  const body = { account_id: account, label: name, mode: 'test', public_key: { kty, crv, x }, ...wide };
  const { id } = await wanted(platform, 'POST', '/api/v1/signing-keys', body);
  await topics('grant', '--account', account, '--principal', `User:${name}`);
  return {
    name,
    account,
    keyId: String(id),
    privateKey: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
  };
}

async function open({ name, account, keyId, privateKey }: Service, as: Name = name): Promise<RingfenceClient> {
  const client = await RingfenceClient.open({
    account,
    kafka: {
      brokers: broker.brokers,
      sasl: saslOf(as),
      topics: 'own',
      platformKeys,
      signingKey: { keyId, privateKey },
    },
  });
  clients.push(client);
  return client;
}

describe('accounts with topics of their own', () => {
  beforeAll(async () => {
    if (reason !== null) return;
    broker = await securedKafka(passwords);
    const env = {
      KAFKA_BROKERS: broker.brokers.join(','),
      RINGFENCE_KAFKA_SASL: `PLAIN:operator:${passwords.operator}`,
      RINGFENCE_TOPIC_PREFIX: 'ringfence',
      RINGFENCE_SANDBOX_SPEED: '100',
    };
    platform = await PlatformProcess.start({ env });
    platformKeys = await fetchPlatformKeys({ url: platform.url, apiKey: platform.keys.adminKey });
    anna = await serviceOf('anna');
    bert = await serviceOf('bert');
  }, startWithinMs);
  afterAll(async () => {
    if (reason !== null) return;
    await Promise.all(clients.map((client) => client.close()));
    await platform.discard();
    await broker.discard();
  }, startWithinMs);

  itWithOwnBroker(
    'send signed commands and read their outcomes and events, each its own only',
    async () => {
      expect(await topics('list')).toEqual(
        expect.arrayContaining([anna, bert].map(({ account, name }) => ({ account, principals: [`User:${name}`] }))),
      );
      for (const service of [anna, bert]) {
        const client = await open(service);
        const placed = await client.send('place_call', call);
        expect(placed).toMatchObject({ status: 'accepted', replayed: false });
        const events: RingfenceEvent[] = [];
        await new Promise<void>((resolve, reject) => {
          const onEvent = (event: RingfenceEvent) => {
            events.push(event);
            const { data } = event;
            if (data.type === 'CallCompleted' && placed.status === 'accepted' && data.callId === placed.result.callId)
              resolve();
          };
          client.consume({ checkpoints: new MemoryCheckpoints(), onEvent }).catch(reject);
        });
        expect(events.map(({ stream }) => stream)).toEqual(events.map(() => service.account));
        expect(events.map(({ version }) => Number(version))).toEqual(events.map((_, at) => at + 1));
      }
    },
    120_000,
  );

  itWithOwnBroker(
    'cannot speak for each other, whosever topic they write to',
    async () => {
      const client = await open(anna);
      const foreign = await client.send('place_call', call, { subject: bert.account, id: 'foreign' });
      expect(foreign).toMatchObject({ status: 'refused', code: 'signing_key_foreign' });
      const rejections = (await readLog(platform.dataDir)).filter(({ type }) => type.includes('command_turned_away'));
      expect(rejections).toMatchObject([{ stream: anna.account, data: { code: 'signing_key_foreign' } }]);
      const stolen = await open({ ...anna, keyId: bert.keyId }, 'anna');
      expect(await stolen.send('place_call', call)).toMatchObject({ status: 'refused', code: 'signature_invalid' });
    },
    240_000,
  );

  itWithOwnBroker(
    'cannot read each other’s, nor the platform’s',
    async () => {
      await expect(open(anna, 'bert')).rejects.toMatchObject({ code: 'bus_unavailable' });
      const bus = new KafkaMessageBus({
        brokers: broker.brokers,
        clientId: `${anna.account}.e2e`,
        sasl: saslOf('anna'),
        retriesMax: 4,
      });
      const own = ['commands', 'replies', 'events'].map((name) => `ringfence.${name}.${anna.account}`);
      expect([...(await bus.topicNames())].sort()).toEqual([...own].sort());
      const foreign = [
        'ringfence.events',
        'ringfence.replies',
        'ringfence.commands',
        `ringfence.events.${bert.account}`,
        `ringfence.replies.${bert.account}`,
      ];
      for (const topic of foreign) {
        await expect(bus.ranges(topic)).rejects.toMatchObject({ code: 'bus_unavailable' });
        const message = { topic, key: bert.account, headers: {}, value: Buffer.from('x') };
        await expect(bus.publish([message])).rejects.toMatchObject({ code: 'bus_unavailable' });
      }
      await bus.close();
    },
    120_000,
  );
});
