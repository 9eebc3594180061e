import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sharedBrokers } from '@ringfence/testing/kafka/shared-broker';

const root = fileURLToPath(new URL('../../', import.meta.url));
const readyWithinMs = 180_000;
const stopWithinMs = 60_000;

/** What `npm run start:kafka` starts, on a database of its own and topics of its own. */
export class ClusterOfProcesses {
  private constructor(
    readonly dataDir: string,
    readonly topicPrefix: string,
    readonly brokers: readonly string[],
    private readonly child: ChildProcess,
    private readonly written: { out: string; err: string },
  ) {}

  static async start(): Promise<ClusterOfProcesses> {
    const brokers = await sharedBrokers();
    if (brokers === null) throw new Error('the run has no broker');
    const dataDir = await mkdtemp(join(tmpdir(), 'ringfence-e2e-'));
    const topicPrefix = basename(dataDir);
    const inherited = Object.entries(process.env).filter(([name]) => !/^(RINGFENCE_|DATABASE_URL$|OTEL_)/.test(name));
    const child = spawn(process.execPath, [join(root, 'infra/kafka/start-cluster.mjs')], {
      cwd: root,
      env: {
        ...Object.fromEntries(inherited),
        KAFKA_BROKERS: brokers.join(','),
        RINGFENCE_TOPIC_PREFIX: topicPrefix,
        RINGFENCE_DATA_DIR: dataDir,
        RINGFENCE_PORT: '0',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const written = { out: '', err: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (written.out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (written.err += text));
    const cluster = new ClusterOfProcesses(dataDir, topicPrefix, brokers, child, written);
    await cluster.said(/The cluster is ready/, readyWithinMs);
    return cluster;
  }

  /** Of the gateways, in their order. */
  get urls(): readonly string[] {
    return [...this.written.out.matchAll(/Ringfence is ready at (http:\/\/\S+)/g)].map(([, url = '']) => url);
  }

  async key(name: 'admin-key' | 'sandbox-key' | 'demo-account'): Promise<string> {
    return (await readFile(join(this.dataDir, 'cluster', 'gateway-1', name), 'utf8')).trim();
  }

  /** As a power cut does to one process. It is started again. */
  async kill9(name: string): Promise<void> {
    const starts = [...this.written.out.matchAll(new RegExp(`^${name} is process (\\d+)$`, 'gm'))];
    process.kill(Number(starts.at(-1)?.[1]), 'SIGKILL');
    await this.said(new RegExp(`(?:[^]*^${name} is process \\d+$){${String(starts.length + 1)}}`, 'm'), readyWithinMs);
  }

  async discard(): Promise<void> {
    if (this.child.exitCode === null) {
      const ended = new Promise((resolve) => this.child.once('close', resolve));
      this.child.kill('SIGTERM');
      const late = setTimeout(() => this.child.kill('SIGKILL'), stopWithinMs);
      await ended;
      clearTimeout(late);
    }
    await rm(this.dataDir, { recursive: true, force: true });
  }

  private said(pattern: RegExp, withinMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (failure: Error | null) => {
        clearTimeout(late);
        this.child.stdout?.off('data', look);
        this.child.off('close', ended);
        if (failure === null) resolve();
        else reject(failure);
      };
      const words = () => `${this.written.out}\n${this.written.err}`;
      const look = () => {
        if (pattern.test(this.written.out)) settle(null);
      };
      const ended = () => {
        settle(new Error(`the cluster ended\n${words()}`));
      };
      const late = setTimeout(() => {
        settle(new Error(`the cluster did not say ${String(pattern)}\n${words()}`));
      }, withinMs);
      this.child.stdout?.on('data', look);
      this.child.once('close', ended);
      look();
    });
  }
}
