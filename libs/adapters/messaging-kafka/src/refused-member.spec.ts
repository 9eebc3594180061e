import { type Acl, AclOperations, AclPermissionTypes, ResourcePatternTypes, ResourceTypes } from '@platformatic/kafka';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import type { MessageBus } from '@ringfence/ports/message-bus/message-bus';
import { securedKafka } from '@ringfence/testing/kafka/broker-chain';
import { whyNoSecuredBroker } from '@ringfence/testing/kafka/broker-of-ones-own';
import type { OwnKafka } from '@ringfence/testing/kafka/test-kafka';
import { itUnless } from '@ringfence/testing/it-unless';
import type { KafkaConnection } from './kafka-connection.js';
import { KafkaMessageBus } from './kafka-message-bus.js';
import { asAdmin } from './topic-admin.js';

const passwords = { operator: 'o-1', anna: 'a-1' };
const reason = await whyNoSecuredBroker();
const itWithOwnBroker = itUnless(reason);
const topic = 'refused';
const group = 'refused.readers';
const partitions = 4;

let broker: OwnKafka;
const buses: MessageBus[] = [];

function as(name: keyof typeof passwords): KafkaConnection {
  const sasl = { mechanism: 'PLAIN', username: name, password: passwords[name] } as const;
  return { brokers: broker.brokers, clientId: `spec.${name}`, sasl };
}

function busOf(name: keyof typeof passwords): MessageBus {
  const bus = new KafkaMessageBus(as(name));
  buses.push(bus);
  return bus;
}

function rightTo(resourceType: Acl['resourceType'], resourceName: string): Acl {
  return {
    ...{ resourceType, resourceName, resourcePatternType: ResourcePatternTypes.LITERAL },
    ...{ principal: 'User:anna', host: '*', operation: AclOperations.READ, permissionType: AclPermissionTypes.ALLOW },
  };
}

const rightToGroup = rightTo(ResourceTypes.GROUP, group);

async function grant(...creations: readonly Acl[]): Promise<void> {
  await asAdmin(as('operator'), (admin) => admin.createAcls({ creations: [...creations] }));
}

async function takeBack(): Promise<void> {
  await asAdmin(as('operator'), (admin) => admin.deleteAcls({ filters: [rightToGroup] }));
}

/** A member's partitions and calls; waits until they are as a test expects. */
class Member {
  readonly owned = new Set<number>();
  readonly errors: unknown[] = [];
  #look: () => void = () => undefined;
  leave: () => Promise<void> = () => Promise.resolve();

  async join(bus: MessageBus): Promise<this> {
    const { leave } = await bus.join({
      topic,
      group,
      onAssigned: (given) => {
        for (const partition of given) this.owned.add(partition);
        this.#look();
        return Promise.resolve(new Map());
      },
      onMessages: () => Promise.resolve(),
      onRevoked: (taken) => {
        for (const partition of taken) this.owned.delete(partition);
        this.#look();
        return Promise.resolve();
      },
      onRetryableError: (cause) => {
        this.errors.push(cause);
        this.#look();
      },
    });
    this.leave = leave;
    return this;
  }

  until(holds: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#look = () => {
        if (holds()) resolve();
      };
      this.#look();
    });
  }
}

describe('a member that its group does not accept back', () => {
  beforeAll(async () => {
    if (reason !== null) return;
    broker = await securedKafka(passwords);
    await busOf('operator').ensureTopics([
      { name: topic, partitions, replicas: { copies: 1, inSyncMin: 1 }, retention: { kind: 'forever' } },
    ]);
    await grant(rightToGroup, rightTo(ResourceTypes.TOPIC, topic), {
      ...rightTo(ResourceTypes.TOPIC, topic),
      operation: AclOperations.DESCRIBE,
    });
  }, 240_000);
  afterAll(async () => {
    if (reason !== null) return;
    await Promise.all(buses.map((bus) => bus.close()));
    await broker.discard();
  }, 120_000);

  itWithOwnBroker(
    'has nothing from then on, keeps trying to join, and shares what there is',
    async () => {
      const anna = await new Member().join(busOf('anna'));
      await anna.until(() => anna.owned.size === partitions);
      await takeBack();
      // The group changes, and a member that may not read in it is not accepted back.
      const operator = await new Member().join(busOf('operator'));
      await anna.until(() => anna.owned.size === 0 && anna.errors.length > 0);
      await operator.until(() => operator.owned.size === partitions);
      await grant(rightToGroup);
      await anna.until(() => anna.owned.size === partitions / 2);
      await operator.until(() => operator.owned.size === partitions / 2);
      expect(new Set([...anna.owned, ...operator.owned]).size).toBe(partitions);
    },
    240_000,
  );
});
