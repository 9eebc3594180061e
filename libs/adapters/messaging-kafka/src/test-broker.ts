import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const script = fileURLToPath(new URL('../../../../infra/kafka/kafka-local.sh', import.meta.url));

/** A broker of Apache Kafka for one test run: a real one, on this machine, that may be killed. */
export class TestBroker {
  private constructor(
    private readonly port: number,
    private readonly home: string,
  ) {}

  get address(): string {
    return `127.0.0.1:${String(this.port)}`;
  }

  /** @throws with the script's own words if there is no Java or the broker cannot be fetched */
  static async start(): Promise<TestBroker> {
    const broker = new TestBroker(await freePorts(), await mkdtemp(join(tmpdir(), 'ringfence-kafka-')));
    await broker.#do('start');
    return broker;
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    await this.#do('kill9');
  }

  /** Starts it again on the same port, with what it had written. */
  async restart(): Promise<void> {
    await this.#do('start');
  }

  async discard(): Promise<void> {
    await this.#do('stop');
    await rm(this.home, { recursive: true, force: true });
  }

  async #do(what: 'start' | 'stop' | 'kill9'): Promise<void> {
    const env = {
      ...process.env,
      KAFKA_PORT: String(this.port),
      KAFKA_DATA: join(this.home, 'data'),
      KAFKA_STATE: join(this.home, 'state'),
    };
    await run('bash', [script, what], { env });
  }
}

/** A port whose follower is free too: the broker's controller listens there. */
async function freePorts(): Promise<number> {
  for (;;) {
    const first = await listening(0);
    const { port } = first.address() as AddressInfo;
    const second = await listening(port + 1).catch(() => null);
    for (const server of [first, second]) {
      if (server === null) continue;
      server.close();
      await once(server, 'close');
    }
    if (second !== null) return port;
  }
}

async function listening(port: number) {
  const server = createServer();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
