// Jest runs this before the first test file: all of them share one Apache Kafka, which is looked for when the first of
// them asks.
import { kafkaOfRun } from '@ringfence/testing/kafka/broker-chain';
import { openDoor } from '@ringfence/testing/kafka/shared-broker';

let end = async () => {};

export default async function open() {
  end = await openDoor(kafkaOfRun);
}

export async function close() {
  await end();
}
