import { createServer } from 'node:http';
import { once } from 'node:events';
import type { TestKafka } from './test-kafka.js';

/**
 * The broker that the files of one run share. It may belong to others: nobody kills it, and everything in it begins
 * with the prefix.
 */
export type SharedKafka = Pick<TestKafka, 'brokers' | 'prefix' | 'discard'>;

/** Setting: where the test files of one run ask for the broker that they share. Set by the run itself. */
const doorSetting = 'TEST_BROKER_DOOR';
/** Closes the connection: a request minutes later must not find one that is just being shut. */
const closing = { connection: 'close' };
const answered = 200;
const failed = 500;

/**
 * One Apache Kafka for all test files of a run, found or started when the first of them asks.
 * @returns gives it back, if anybody asked
 */
export async function openDoor(start: () => Promise<SharedKafka>): Promise<() => Promise<void>> {
  let starting: Promise<SharedKafka> | undefined;
  const door = createServer((_request, response) => {
    starting ??= start();
    starting.then(
      ({ brokers, prefix }) => response.writeHead(answered, closing).end(JSON.stringify({ brokers, prefix })),
      (failure: unknown) =>
        response.writeHead(failed, closing).end(failure instanceof Error ? failure.message : String(failure)),
    );
  });
  door.listen(0, '127.0.0.1');
  await once(door, 'listening');
  const address = door.address();
  if (address === null || typeof address === 'string')
    throw new Error('The coordinator of the shared broker has no port.');
  process.env[doorSetting] = `http://127.0.0.1:${String(address.port)}`;
  return async () => {
    door.close();
    door.closeAllConnections();
    const broker = await starting?.catch(() => undefined);
    await broker?.discard();
  };
}

/**
 * Returns what the files of this run share; null: nothing of the kind was arranged.
 * @throws with the error of the process that could not start it
 */
export async function sharedKafka(): Promise<Pick<SharedKafka, 'brokers' | 'prefix'> | null> {
  const door = process.env[doorSetting];
  if (door === undefined) return null;
  const response = await fetch(door);
  const words = await response.text();
  if (response.status !== answered) throw new Error(words);
  // Written by `openDoor`.
  return JSON.parse(words) as Pick<SharedKafka, 'brokers' | 'prefix'>;
}

/**
 * Creates topics of its own for a platform under test in what the run shares.
 * @param name that no other has
 * @throws where nothing is shared
 */
export async function sharedTopics(
  name: string,
): Promise<{ readonly brokers: readonly string[]; readonly topicPrefix: string }> {
  const shared = await sharedKafka();
  if (shared === null) throw new Error('the run has no broker');
  return { brokers: shared.brokers, topicPrefix: `${shared.prefix}${name}` };
}
