// Jest runs this before the first test file: all of them share one Kafka broker, which starts when the first of them asks for it.
import { startBroker } from '@ringfence/testing/kafka/broker-chain';
import { openDoor } from '@ringfence/testing/kafka/shared-broker';

let end = async () => {};

export default async function open() {
  end = await openDoor(() => startBroker());
}

export async function close() {
  await end();
}
