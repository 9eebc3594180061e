import { AclOperations, AclPermissionTypes, ResourcePatternTypes, ResourceTypes } from '@platformatic/kafka';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { parseAccountId } from '@ringfence/kernel/ids';
import type { MessageBus } from '@ringfence/ports/message-bus/message-bus';
import { type AccountTopics, accountTopicsOf, type Topics, topicSpecs, topicsOf } from '@ringfence/wire/topics';
import { securedKafka } from '@ringfence/testing/kafka/broker-chain';
import { whyNoSecuredBroker } from '@ringfence/testing/kafka/broker-of-ones-own';
import type { OwnKafka } from '@ringfence/testing/kafka/test-kafka';
import { itUnless } from '@ringfence/testing/it-unless';
import { grantedTopics, grantTopics, revokeTopics } from './account-grants.js';
import type { KafkaConnection } from './kafka-connection.js';
import { KafkaMessageBus } from './kafka-message-bus.js';
import { asAdmin } from './topic-admin.js';

const passwords = { operator: 'o-1', platform: 'p-1', anna: 'a-1', bert: 'b-1' };
type Name = keyof typeof passwords;
const reason = await whyNoSecuredBroker();
const itWithOwnBroker = itUnless(reason);

const topics = topicsOf('ringfence');
const [annas, berts] = [account('A'), account('B')];
const [annasTopics, bertsTopics] = [accountTopicsOf(topics, annas), accountTopicsOf(topics, berts)];
const copies = 1;

let broker: OwnKafka;
const buses: MessageBus[] = [];

function account(letter: string) {
  const id = parseAccountId(`acc_0123456789ABCDEFGHJKMNPQR${letter}`);
  if (id === undefined) throw new Error('it is no account id');
  return id;
}

function as(name: Name, group: string): KafkaConnection {
  const sasl = { mechanism: 'PLAIN', username: name, password: passwords[name] } as const;
  return { brokers: broker.brokers, clientId: `${group}spec`, sasl, retriesMax: 8 };
}

function busOf(name: Name, group: string): MessageBus {
  const bus = new KafkaMessageBus(as(name, group));
  buses.push(bus);
  return bus;
}

async function mayWrite(bus: MessageBus, topic: string): Promise<boolean> {
  return bus.publish([{ topic, key: 'k', headers: {}, value: Buffer.from('written') }]).then(
    () => true,
    () => false,
  );
}

/** Says whether an existing message can be read from the topic’s beginning: by a group; null: by a follower. */
async function mayRead(bus: MessageBus, topic: string, group: string | null = null): Promise<boolean> {
  return new Promise((resolve) => {
    const refused = () => {
      resolve(false);
    };
    const onMessages = () => {
      resolve(true);
      return Promise.resolve();
    };
    const from = new Map([[0, 'first']] as const);
    const parts = { topic, onMessages, onRetryableError: refused };
    const onRevoked = () => Promise.resolve();
    const reading =
      group === null
        ? bus.follow({ ...parts, from })
        : bus.join({ ...parts, group, onAssigned: () => Promise.resolve(from), onRevoked });
    reading.then(({ leave }) => {
      left.push(leave);
    }, refused);
  });
}
const left: (() => Promise<void>)[] = [];

describe('topics that accounts have of their own', () => {
  beforeAll(async () => {
    if (reason !== null) return;
    broker = await securedKafka(passwords);
    await letPlatformDoAll();
    const platform = busOf('platform', 'ringfence.');
    await platform.ensureTopics(topicSpecs(topics, 1, copies));
    const operator = as('operator', 'ringfence.');
    await grantTopics(operator, { topics, account: annas, principal: 'User:anna', copies });
    await grantTopics(operator, { topics, account: berts, principal: 'User:bert', copies });
    // Something to read is in each of them.
    for (const topic of [topics, annasTopics, bertsTopics].flatMap(namesOf)) await mayWrite(platform, topic);
  }, 120_000);
  afterAll(async () => {
    await Promise.all(left.map((leave) => leave()));
    await Promise.all(buses.map((bus) => bus.close()));
    if (reason === null) await broker.discard();
  }, 60_000);

  itWithOwnBroker(
    'are written and read by the platform',
    async () => {
      const platform = busOf('platform', 'ringfence.');
      for (const topic of [annasTopics, bertsTopics].flatMap(namesOf)) {
        expect([topic, await mayWrite(platform, topic), await mayRead(platform, topic)]).toEqual([topic, true, true]);
      }
    },
    120_000,
  );

  itWithOwnBroker(
    'are their principal’s alone: it writes its commands, reads its replies and events, and nothing else',
    async () => {
      const everything = [topics, annasTopics, bertsTopics].flatMap(namesOf);
      for (const [name, id, own] of [
        ['anna', annas, annasTopics],
        ['bert', berts, bertsTopics],
      ] as const) {
        // prettier-ignore
        const bus = busOf(name, `${id}.`);
        const seen = new Set(await bus.topicNames());
        const rights = [];
        for (const topic of everything) {
          rights.push({
            topic,
            writes: await mayWrite(bus, topic),
            reads: await mayRead(bus, topic),
            sees: seen.has(topic),
          });
        }
        expect(rights).toEqual(
          everything.map((topic) => ({
            topic,
            writes: topic === own.commands,
            reads: topic === own.replies || topic === own.events,
            sees: Object.values(own).includes(topic),
          })),
        );
      }
    },
    120_000,
  );

  itWithOwnBroker(
    'are read in groups that begin with the account’s id, and in no others',
    async () => {
      const read = await Promise.all(
        ['somebody.', `${berts}.`, `${annas}.`].map((prefix) =>
          mayRead(busOf('anna', prefix), annasTopics.events, `${prefix}readers`),
        ),
      );
      expect(read).toEqual([false, false, true]);
    },
    60_000,
  );

  itWithOwnBroker(
    'are granted again without a change, listed, and taken back',
    async () => {
      const operator = as('operator', 'ringfence.');
      await grantTopics(operator, { topics, account: annas, principal: 'User:anna', copies });
      const granted = [
        { account: annas, principals: ['User:anna'] },
        { account: berts, principals: ['User:bert'] },
      ];
      expect(await grantedTopics(operator, topics)).toEqual(granted);
      const taking = { topics, account: berts, principal: 'User:bert' };
      expect(await revokeTopics(operator, taking)).toBe(4);
      expect(await revokeTopics(operator, taking)).toBe(0);
      expect(await grantedTopics(operator, topics)).toEqual([granted[0], { account: berts, principals: [] }]);
      const bert = busOf('bert', `${berts}.`);
      expect(await mayRead(bert, bertsTopics.events)).toBe(false);
      expect(await mayWrite(bert, bertsTopics.commands)).toBe(false);
    },
    60_000,
  );

  itWithOwnBroker(
    'are not granted by one who may not',
    async () => {
      const anna = as('anna', `${annas}.`);
      await expect(grantTopics(anna, { topics, account: annas, principal: 'User:anna', copies })).rejects.toMatchObject(
        {
          code: 'grants_refused',
        },
      );
      expect(await revokeTopics(anna, { topics, account: annas, principal: 'User:anna' }).catch(codeOf)).toBe(
        'grants_refused',
      );
    },
    60_000,
  );
});

function namesOf(each: AccountTopics | Topics): readonly string[] {
  return Object.values(each);
}

function codeOf(failure: { readonly code?: string }): string | undefined {
  return failure.code;
}

/** Grants the platform everything that begins with the prefix, as docs/operator.md has it. */
async function letPlatformDoAll(): Promise<void> {
  const own = { resourceName: 'ringfence.', resourcePatternType: ResourcePatternTypes.PREFIXED };
  const by = { principal: 'User:platform', host: '*', permissionType: AclPermissionTypes.ALLOW };
  const creations = [ResourceTypes.TOPIC, ResourceTypes.GROUP].map((resourceType) => ({
    resourceType,
    ...own,
    ...by,
    operation: AclOperations.ALL,
  }));
  await asAdmin(as('operator', 'ringfence.'), (admin) => admin.createAcls({ creations }));
}
