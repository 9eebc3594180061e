import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ownPrefix } from './cluster-visit.js';
import { freePort } from './free-port.js';
import type { OwnKafka } from './test-kafka.js';

const run = promisify(execFile);
const script = fileURLToPath(new URL('../../../../infra/kafka/kafka-local.sh', import.meta.url));

/** Says whether there is Java, and whether Apache Kafka's jars are here or can be downloaded. */
export async function scriptCanStart(): Promise<boolean> {
  return Promise.all([run('java', ['-version']), run('bash', [script, 'fetch'])]).then(
    () => true,
    () => false,
  );
}

/**
 * Starts the project's own script: Apache Kafka from Maven's jars, as a process of this machine.
 * @throws with the script's output
 */
export async function startLocalBroker(settings: Readonly<Record<string, string>> = {}): Promise<OwnKafka> {
  const home = await mkdtemp(join(tmpdir(), 'ringfence-kafka-'));
  const port = await freePort();
  const env = {
    ...process.env,
    ...settings,
    KAFKA_PORT: String(port),
    KAFKA_DATA: join(home, 'data'),
    KAFKA_STATE: join(home, 'state'),
    // Tests start many brokers with little load: fast compilation matters more than fast code.
    KAFKA_JAVA: '-XX:TieredStopAtLevel=1',
    // A busy machine is slow; a broker that ends is reported at once.
    KAFKA_WAIT: '300',
    // An interrupted run takes its brokers with it.
    KAFKA_OWNER: String(process.pid),
  };
  const control = async (what: 'start' | 'stall' | 'kill9') => {
    await run('bash', [script, what], { env });
  };
  const discard = async () => {
    // With thousands of partitions, an orderly shutdown takes half a minute, for data that is discarded anyway.
    await control('kill9');
    await rm(home, { recursive: true, force: true });
  };
  try {
    await control('start');
  } catch (cause) {
    await discard();
    throw cause;
  }
  return {
    brokers: [`127.0.0.1:${String(port)}`],
    prefix: ownPrefix(),
    stall: () => control('stall'),
    kill: () => control('kill9'),
    restart: () => control('start'),
    discard,
  };
}
