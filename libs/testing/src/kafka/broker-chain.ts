import { answers, ownPrefix, sweep } from './cluster-visit.js';
import { dockerAnswers, startContainerBroker } from './container-broker.js';
import { existingBrokers, existingClusterSetting } from './existing-cluster.js';
import { startLocalBroker } from './local-broker.js';
import { type SharedKafka, sharedKafka } from './shared-broker.js';
import type { OwnKafka, TestKafka } from './test-kafka.js';

/**
 * Finds Apache Kafka for a test: the cluster in KAFKA_BROKERS, otherwise a container if a Docker engine answers,
 * otherwise the project's own script. Discarding it removes everything that the test has created there.
 * @throws with the three ways if none works
 */
export async function testKafka(): Promise<TestKafka> {
  const shared = await sharedKafka();
  return shared === null ? kafkaOfRun() : visit(shared.brokers);
}

/**
 * Finds or starts the broker that the test files of one run share: the named cluster, or a new broker.
 * @throws with the three ways if none works
 */
export async function kafkaOfRun(): Promise<SharedKafka> {
  const brokers = existingBrokers();
  return brokers.length > 0 ? visit(await reachable(brokers)) : startBroker();
}

/**
 * Starts a broker that the test may kill, whatever KAFKA_BROKERS says. Call `whyNoBrokerOfOnesOwn` first.
 * @throws with the three ways if none works
 */
export async function ownKafka(): Promise<OwnKafka> {
  return startBroker();
}

/**
 * Starts a broker of the test's own with authentication (SASL PLAIN) and ACLs. Call `whyNoSecuredBroker` first.
 * @param passwords by user name; the first user is the superuser
 * @throws with the script's output: only the script can start such a broker
 */
export async function securedKafka(passwords: Readonly<Record<string, string>>): Promise<OwnKafka> {
  const users = Object.entries(passwords).map(([name, password]) => `${name}:${password}`);
  return startLocalBroker({ KAFKA_SASL_USERS: users.join(',') });
}

/** Starts a broker in a container or with the script. @throws with the three ways if none works */
export async function startBroker(docker: () => Promise<boolean> = dockerAnswers): Promise<OwnKafka> {
  if (await docker()) return startContainerBroker();
  try {
    return await startLocalBroker();
  } catch (cause) {
    const words = cause instanceof Error ? cause.message : String(cause);
    const first = existingBrokers().length === 0 ? 'is not set' : 'is not ours to kill or to configure';
    throw new Error(
      `These tests need Apache Kafka, in one of three ways: ${existingClusterSetting}=host:port of a cluster that is there; a Docker engine; ` +
        `Java 17 and Maven for infra/kafka/kafka-local.sh. The first ${first}, no Docker engine answers, and the script said: ${words}`,
      { cause },
    );
  }
}

function visit(brokers: readonly string[]): TestKafka {
  const prefix = ownPrefix();
  return { brokers, prefix, discard: () => sweep(brokers, prefix) };
}

async function reachable(brokers: readonly string[]): Promise<readonly string[]> {
  try {
    await answers(brokers);
  } catch (cause) {
    throw new Error(`${existingClusterSetting} names ${brokers.join(',')}, and nobody answers there.`, { cause });
  }
  return brokers;
}
