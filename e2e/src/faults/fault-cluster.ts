import { randomBytes } from 'node:crypto';
import { clockStepHeldMs } from '@ringfence/lanes/steady-clock';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PostgresEventStore } from '@ringfence/event-store-postgres/postgres-event-store';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@ringfence/sql-postgres/embedded-postgres';
import { openPool } from '@ringfence/sql-postgres/pool';
import { ownKafka } from '@ringfence/testing/kafka/broker-chain';
import { laneCountDefault } from '@ringfence/kernel/lane';
import { transact } from '@ringfence/testing/kafka/transacting-producer';
import { freePort } from '@ringfence/testing/kafka/free-port';
import type { OwnKafka } from '@ringfence/testing/kafka/test-kafka';
import { ClusterOfProcesses, readyWithinMs } from '../cluster-of-processes.js';
import { until } from '../test-accounts.js';
import { MachineClocks } from '../machine-clocks.js';
import { observe } from './observer.js';
import type { ScheduledFault } from './schedule.js';

const sandboxSpeed = '20';
const healthPollWithinMs = 2_000;

/**
 * Two gateways, two deciders, two projectors and a carrier over a broker and a database: each of these processes may be
 * hit by a fault.
 */
export class FaultCluster {
  private constructor(
    readonly masterKey: string,
    readonly cluster: ClusterOfProcesses,
    private readonly dataDir: string,
    private readonly clocks: MachineClocks,
    private readonly broker: OwnKafka,
    private database: EmbeddedPostgres,
  ) {}

  static async start(onLine: (process: string, line: string) => void): Promise<FaultCluster> {
    const dataDir = await mkdtemp(join(tmpdir(), 'ringfence-faults-'));
    const undo: (() => Promise<unknown>)[] = [() => rm(dataDir, { recursive: true, force: true })];
    try {
      const [broker, database] = await Promise.all([ownKafka(), startEmbeddedPostgres({ dataDir })]);
      undo.push(broker.discard, () => database.stop());
      await noteWhoWrites(database.url);
      const machineClocks = join(dataDir, 'machine-clocks');
      await mkdir(machineClocks);
      const clocks = new MachineClocks(machineClocks);
      const masterKey = `k1:${randomBytes(32).toString('base64')}`;
      const env = {
        ...clocks.env,
        DATABASE_URL: database.url,
        RINGFENCE_MASTER_KEY: masterKey,
        RINGFENCE_PORT: String(await freePort()),
        RINGFENCE_SANDBOX_SPEED: sandboxSpeed,
        RINGFENCE_LOG_LEVEL: 'debug',
      };
      const cluster = await ClusterOfProcesses.start({ dataDir, brokers: broker.brokers, env, onLine });
      return new FaultCluster(masterKey, cluster, dataDir, clocks, broker, database);
    } catch (failure) {
      for (const step of undo.reverse()) await step().catch(() => undefined);
      throw failure;
    }
  }

  get databaseUrl(): string {
    return this.database.url;
  }

  get brokers(): readonly string[] {
    return this.broker.brokers;
  }

  get gateways(): readonly string[] {
    return this.cluster.urls.slice(0, 2);
  }

  /** Opens an account that may place calls in the sandbox, as the operator. @returns its id */
  async openAccount(name: string): Promise<string> {
    const adminKey = await this.cluster.key('admin-key');
    const wanted = async (path: string, body: object) => {
      const response = await fetch(`${this.gateways[0] ?? ''}/api/v1${path}`, {
        method: 'POST',
        headers: { 'x-api-key': adminKey, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      const json = (await response.json()) as { readonly id?: string };
      if (!response.ok) throw new Error(`POST ${path}: ${String(response.status)} ${JSON.stringify(json)}`);
      return json;
    };
    const { id = '' } = await wanted('/accounts', { name, currency: 'USD', region: 'eu', time_zone: 'Europe/Berlin' });
    await wanted(`/accounts/${id}/verify`, {});
    return id;
  }

  /** Settles when the fault is over and what it hit is available again. @throws Error if it does not recover */
  async inflict(fault: ScheduledFault): Promise<void> {
    const { cluster, broker } = this;
    switch (fault.kind) {
      case 'kill':
        await cluster.kill9(fault.process);
        return cluster.ready(fault.process);
      case 'pause':
        return this.#pause(fault.process, fault.forMs);
      case 'clock_step':
        return this.#stepClock(fault.process, fault.byMs, fault.forMs);
      case 'broker_kill':
        await broker.kill();
        await sleep(fault.downMs);
        return broker.restart();
      case 'open_transaction':
        return this.#openTransaction(fault.forMs, fault.end);
      case 'database_restart':
        return this.#restartDatabase(fault.how, fault.downMs);
      case 'decider_added':
        await cluster.add(fault.process, 'decider');
        return cluster.ready(fault.process);
      case 'decider_removed':
        cluster.remove(fault.process);
    }
  }

  /** Settles when every member is ready and every gateway accepts requests. */
  async healthy(names: readonly string[]): Promise<void> {
    for (const name of names) await this.cluster.ready(name);
    await until('every gateway is ready', readyWithinMs, async () => {
      const answers = await Promise.all(this.gateways.map((url) => isReady(url)));
      return answers.every((ready) => ready);
    });
  }

  async discard(): Promise<void> {
    await this.cluster.stop();
    await this.database.stop();
    await this.broker.discard();
    await rm(this.dataDir, { recursive: true, force: true });
  }

  async #pause(name: string, forMs: number): Promise<void> {
    const pid = this.cluster.signal(name, 'SIGSTOP');
    await sleep(forMs);
    process.kill(pid, 'SIGCONT');
  }

  async #openTransaction(forMs: number, how: 'commit' | 'abort'): Promise<void> {
    const topic = `${this.cluster.topicPrefix}.commands`;
    const messages = Array.from({ length: laneCountDefault }, (_, partition) => ({
      topic,
      key: 'stray',
      partition,
      headers: {},
      value: Buffer.from('nonsense in a transaction'),
    }));
    const { end } = await transact(this.brokers, messages);
    await sleep(forMs);
    // While the broker is unavailable it does not learn of the end; it ends the transaction itself later.
    await end(how).catch(() => undefined);
  }

  /** Steps a clock; settles when a process that had adopted the step has adopted the step back. */
  async #stepClock(name: string, byMs: number, forMs: number): Promise<void> {
    const pid = this.cluster.pidOf(name);
    await this.clocks.set(pid, byMs);
    await sleep(forMs);
    await this.clocks.set(pid, 0);
    if (forMs > clockStepHeldMs) await sleep(clockStepHeldMs);
  }

  async #restartDatabase(how: 'stop' | 'crash', downMs: number): Promise<void> {
    const { url, pid } = this.database;
    if (how === 'crash') process.kill(pid, 'SIGQUIT');
    await this.database.stop();
    await sleep(downMs);
    this.database = await startEmbeddedPostgres({ dataDir: this.dataDir, port: Number(new URL(url).port) });
  }
}

async function noteWhoWrites(databaseUrl: string): Promise<void> {
  const pool = openPool(databaseUrl);
  const store = await PostgresEventStore.open(pool);
  await store.close();
  await pool.end();
  await observe(databaseUrl);
}

async function isReady(url: string): Promise<boolean> {
  return fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(healthPollWithinMs) }).then(
    ({ ok }) => ok,
    () => false,
  );
}
