import { readFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { RemoteDispatcher } from '@ringfence/command-transport/command-topic/remote-dispatcher';
import { ClusterMac } from '@ringfence/command-transport/command-topic/cluster-mac';
import { CommandKeys } from '@ringfence/command-transport/signed-commands/command-keys';
import type { RelayLeases } from '@ringfence/ports/leases/relay-leases';
import { PostgresRelayLeases } from '@ringfence/reactor-checkpoints-postgres/postgres-relay-leases';
import type { MessageBus } from '@ringfence/ports/message-bus/message-bus';
import { type Topics, topicSpecs, topicsOf } from '@ringfence/wire/topics';
import { removeGone } from '@ringfence/messaging-kafka/group-members';
import { KafkaMessageBus } from '@ringfence/messaging-kafka/kafka-message-bus';
import type { KafkaConfig } from './config/config.js';
import { configKeys } from './config/config-keys.js';
import { memberName } from './start/member-name.js';
import { startFailures } from './start/start-failures.js';
import { secretRing } from './infrastructure/secrets.js';
import type { Needs } from './server-process.js';

/** Resources that a process shares with the others of its cluster. */
export type Cluster = {
  readonly bus: MessageBus;
  /** The bus for dedicated topics. Gives up on a topic that is gone, so that shared traffic is not held up. */
  readonly accountBus: MessageBus;
  readonly topics: Topics;
  readonly clusterMac: ClusterMac;
  /** The keys that decrypt what clients have encrypted to the platform. */
  readonly commandKeys: CommandKeys;
  /** Leases of the cluster's duties. */
  readonly leases: RelayLeases;
  /** Names this process in messages. */
  readonly instance: string;
  /** Hands commands to whichever process has their lane. */
  readonly dispatcher: RemoteDispatcher;
  /** Names this process in consumer groups, the same after a restart. */
  readonly member: string;
  /** Removes from a group the members whose processes are gone. @returns their names */
  readonly removeGone: (group: string, isGone: (member: string) => boolean) => Promise<readonly string[]>;
  readonly stop: () => Promise<void>;
};

const instanceBytes = 9;
/** Retries, about five seconds, before a message for a dedicated topic is dropped; it is requested or copied again. */
const accountRetriesMax = 20;

/** @throws Failure `topic_settings_wrong`, `bus_unavailable`: one line for people */
export async function joinCluster(
  process: Needs<'config' | 'openedLog' | 'clock' | 'timers' | 'log' | 'storePool'>,
  kafka: KafkaConfig,
): Promise<Cluster> {
  const { config, openedLog, clock, timers, log, storePool } = process;
  const { brokers, sasl, replicationFactor, topicPrefix } = kafka;
  const instance = randomBytes(instanceBytes).toString('base64url');
  const topics = topicsOf(topicPrefix);
  const tls = await tlsOf(kafka.ca);
  const connection = {
    brokers,
    clientId: `${topicPrefix}.${instance}`,
    member: await memberName(config.dataDir),
    ...(sasl === null ? {} : { sasl }),
    ...(tls === null ? {} : { tls }),
  };
  const bus = new KafkaMessageBus(connection);
  const accountBus = new KafkaMessageBus({ ...connection, retriesMax: accountRetriesMax });
  try {
    await bus.ensureTopics(topicSpecs(topics, openedLog.laneCount, replicationFactor));
    const clusterMac = new ClusterMac(
      await secretRing(kafka.clusterKey, configKeys.clusterKey.name, config.dataDir, 'vouch-key'),
    );
    const commandKeys = new CommandKeys(
      await secretRing(kafka.commandKey, configKeys.commandKey.name, config.dataDir, 'command-key'),
    );
    const leases = await PostgresRelayLeases.open(storePool);
    const onRetryableError = (cause: unknown) => {
      log.event('message_bus_error', { err: cause });
    };
    const dispatcher = await RemoteDispatcher.start({
      bus,
      topics,
      laneCount: openedLog.laneCount,
      clusterMac,
      clock,
      timers,
      instance,
      onRetryableError,
    });
    return {
      bus,
      accountBus,
      topics,
      clusterMac,
      commandKeys,
      leases,
      instance,
      dispatcher,
      member: connection.member,
      removeGone: (group, isGone) => removeGone(connection, group, isGone),
      stop: async () => {
        await dispatcher.stop();
        await Promise.all([bus.close(), accountBus.close()]);
      },
    };
  } catch (failure) {
    await Promise.all([bus.close(), accountBus.close()]);
    throw failure;
  }
}

async function tlsOf(ca: string | null): Promise<{ readonly ca?: string } | null> {
  if (ca === null) return null;
  if (ca === 'system') return {};
  const pem = await readFile(ca, 'utf8').catch((failure: unknown) => {
    throw startFailures.kafka_ca_unreadable(ca, failure);
  });
  return { ca: pem };
}
