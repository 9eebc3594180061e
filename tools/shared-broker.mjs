// Jest runs this before the first test file: all of them share one Apache Kafka, which is looked for when the first of
// them asks.
import { kafkaOfRun } from '@ringfence/testing/kafka/broker-chain';
import { startCoordinator } from '@ringfence/testing/kafka/shared-broker';

let end = async () => {};

export default async function open() {
  end = await startCoordinator(kafkaOfRun);
}

export async function close() {
  await end();
}
