import { readFile } from 'node:fs/promises';
import { type Topics, topicsOf } from '@ringfence/wire/topics';
import type { KafkaConnection } from '@ringfence/messaging-kafka/kafka-connection';
import { cliFailures } from '../failures.js';
import type { Shell } from '../shell.js';

type KafkaCluster = {
  readonly connection: KafkaConnection;
  readonly topics: Topics;
  readonly replicationFactor: number;
};

/** @param why the command needs a cluster. @throws Failure `usage`: none is named */
export async function kafkaOf({ settings }: Shell, why: string): Promise<KafkaCluster> {
  const { kafka } = settings;
  if (kafka === undefined) throw cliFailures.usage(`KAFKA_BROKERS names no broker: ${why}`);
  const { brokers, topicPrefix, sasl, ca, replicationFactor } = kafka;
  if (!(Number.isInteger(replicationFactor) && replicationFactor >= 1 && replicationFactor <= 9))
    throw cliFailures.usage('RINGFENCE_KAFKA_REPLICATION_FACTOR must be a number from 1 to 9');
  const tls = ca === undefined ? undefined : ca === 'system' ? {} : { ca: await readFile(ca, 'utf8') };
  const connection = {
    brokers,
    clientId: `${topicPrefix}.cli`,
    ...(sasl === undefined ? {} : { sasl }),
    ...(tls === undefined ? {} : { tls }),
  };
  return { connection, topics: topicsOf(topicPrefix), replicationFactor };
}
