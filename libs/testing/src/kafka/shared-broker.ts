import { createServer } from 'node:http';
import { once } from 'node:events';
import type { OwnKafka } from './test-kafka.js';

/** Setting: where the test files of one run ask for the broker that they share. Set by the run itself. */
const doorSetting = 'TEST_BROKER_DOOR';
const answered = 200;
const failed = 500;

/**
 * One broker for all test files of a run, started when the first of them asks.
 * @returns ends it, if anybody asked
 */
export async function openDoor(start: () => Promise<OwnKafka>): Promise<() => Promise<void>> {
  let starting: Promise<OwnKafka> | undefined;
  const door = createServer((_request, response) => {
    starting ??= start();
    starting.then(
      ({ brokers }) => response.writeHead(answered).end(brokers.join(',')),
      (failure: unknown) =>
        response.writeHead(failed).end(failure instanceof Error ? failure.message : String(failure)),
    );
  });
  door.listen(0, '127.0.0.1');
  await once(door, 'listening');
  const address = door.address();
  if (address === null || typeof address === 'string') throw new Error('The door of the shared broker has no port.');
  process.env[doorSetting] = `http://127.0.0.1:${String(address.port)}`;
  return async () => {
    door.close();
    door.closeAllConnections();
    const broker = await starting?.catch(() => undefined);
    await broker?.discard();
  };
}

/** The brokers of the run's own broker; null: nothing of the kind was arranged. @throws with the words of whoever could not start it */
export async function sharedBrokers(): Promise<readonly string[] | null> {
  const door = process.env[doorSetting];
  if (door === undefined) return null;
  const response = await fetch(door);
  const words = await response.text();
  if (response.status !== answered) throw new Error(words);
  return words.split(',');
}
