import { createServer } from 'node:http';
import { once } from 'node:events';
import type { TestKafka } from './test-kafka.js';

/**
 * The broker that the test files of one run share. It may belong to others: it is never killed, and everything in it
 * begins with the prefix.
 */
export type SharedKafka = Pick<TestKafka, 'brokers' | 'prefix' | 'discard'>;

/** Setting: address at which the test files of one run request the shared broker. Set by the run itself. */
const coordinatorSetting = 'TEST_BROKER_DOOR';
/** Closes the connection: a request minutes later must not reuse one that is just being closed. */
const closing = { connection: 'close' };
const answered = 200;
const failed = 500;

/**
 * Shares one Apache Kafka among all test files of a run; it is found or started at the first request.
 * @returns a function that discards it if it was requested
 */
export async function startCoordinator(start: () => Promise<SharedKafka>): Promise<() => Promise<void>> {
  let starting: Promise<SharedKafka> | undefined;
  const coordinator = createServer((_request, response) => {
    starting ??= start();
    starting.then(
      ({ brokers, prefix }) => response.writeHead(answered, closing).end(JSON.stringify({ brokers, prefix })),
      (failure: unknown) =>
        response.writeHead(failed, closing).end(failure instanceof Error ? failure.message : String(failure)),
    );
  });
  coordinator.listen(0, '127.0.0.1');
  await once(coordinator, 'listening');
  const address = coordinator.address();
  if (address === null || typeof address === 'string')
    throw new Error('The coordinator of the shared broker has no port.');
  process.env[coordinatorSetting] = `http://127.0.0.1:${String(address.port)}`;
  return async () => {
    coordinator.close();
    coordinator.closeAllConnections();
    const broker = await starting?.catch(() => undefined);
    await broker?.discard();
  };
}

/**
 * Returns what the test files of this run share; null: nothing is shared.
 * @throws with the error of the process that could not start it
 */
export async function sharedKafka(): Promise<Pick<SharedKafka, 'brokers' | 'prefix'> | null> {
  const coordinator = process.env[coordinatorSetting];
  if (coordinator === undefined) return null;
  const response = await fetch(coordinator);
  const words = await response.text();
  if (response.status !== answered) throw new Error(words);
  // Written by `startCoordinator`.
  return JSON.parse(words) as Pick<SharedKafka, 'brokers' | 'prefix'>;
}

/**
 * Creates topics for a platform under test in the shared cluster.
 * @param name unique among those of the run
 * @throws if nothing is shared
 */
export async function sharedTopics(
  name: string,
): Promise<{ readonly brokers: readonly string[]; readonly topicPrefix: string }> {
  const shared = await sharedKafka();
  if (shared === null) throw new Error('the run has no broker');
  return { brokers: shared.brokers, topicPrefix: `${shared.prefix}${name}` };
}
