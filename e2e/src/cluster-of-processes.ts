import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { sharedTopics } from '@ringfence/testing/kafka/shared-broker';

const root = fileURLToPath(new URL('../../', import.meta.url));
/** Time limit for starts, generous for busy machines. */
export const readyWithinMs = 600_000;
const stopWithinMs = 60_000;
/** Number of lines of the processes' output that are kept, to be shown when something fails. */
const linesKeptMax = 400;

type ClusterOptions = {
  /** Default: a new one, removed with `discard`. */
  readonly dataDir?: string;
  /** Default: the run's brokers. */
  readonly brokers?: readonly string[];
  /** Settings on top of an environment without Ringfence's own. */
  readonly env?: Readonly<Record<string, string>>;
  /** Called with every line of the processes' logs. */
  readonly onLine?: (process: string, line: string) => void;
};

/** The cluster that `npm run start:kafka` starts, on its own database and topics. */
export class ClusterOfProcesses {
  /** Process ids of all runs of each process. */
  readonly #lives = new Map<string, number[]>();
  /** Run in which each process was last ready. */
  readonly #ready = new Map<string, number>();
  readonly #urls: string[] = [];
  readonly #lastLines: string[] = [];
  #isReady = false;
  #onNews: () => void = () => undefined;

  private constructor(
    readonly dataDir: string,
    readonly topicPrefix: string,
    readonly brokers: readonly string[],
    private readonly child: ChildProcess,
    private readonly onLine: (process: string, line: string) => void,
  ) {
    this.#listen();
  }

  static async start(options: ClusterOptions = {}): Promise<ClusterOfProcesses> {
    const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'ringfence-e2e-')));
    const name = basename(dataDir);
    const { brokers, topicPrefix } =
      options.brokers === undefined ? await sharedTopics(name) : { brokers: options.brokers, topicPrefix: name };
    const inherited = Object.entries(process.env).filter(([name]) => !/^(RINGFENCE_|DATABASE_URL$|OTEL_)/.test(name));
    const child = spawn(process.execPath, [join(root, 'infra/kafka/start-cluster.mjs')], {
      cwd: root,
      env: {
        ...Object.fromEntries(inherited),
        KAFKA_BROKERS: brokers.join(','),
        RINGFENCE_TOPIC_PREFIX: topicPrefix,
        RINGFENCE_DATA_DIR: dataDir,
        RINGFENCE_PORT: '0',
        ...options.env,
      },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    const cluster = new ClusterOfProcesses(dataDir, topicPrefix, brokers, child, options.onLine ?? (() => undefined));
    await cluster.#until('that it is ready', () => cluster.#isReady);
    return cluster;
  }

  /** URLs of the gateways, in their order. */
  get urls(): readonly string[] {
    return this.#urls;
  }

  async key(name: 'admin-key' | 'sandbox-key' | 'demo-account'): Promise<string> {
    return (await readFile(join(this.dataDir, 'cluster', 'gateway-1', name), 'utf8')).trim();
  }

  /** Returns how often a process was started. */
  livesOf(name: string): number {
    return this.#lives.get(name)?.length ?? 0;
  }

  /**
   * Returns the id of the running process.
   * @throws Error when there is none
   */
  pidOf(name: string): number {
    const pid = this.#lives.get(name)?.at(-1);
    if (pid === undefined) throw new Error(`there is no ${name}`);
    return pid;
  }

  /**
   * Signals the running process.
   * @throws Error when there is none
   */
  signal(name: string, signal: NodeJS.Signals): number {
    const pid = this.pidOf(name);
    process.kill(pid, signal);
    return pid;
  }

  /** Kills one process, as a power cut does. It is restarted. */
  async kill9(name: string): Promise<void> {
    const lives = this.livesOf(name);
    this.signal(name, 'SIGKILL');
    await this.#until(`that ${name} is started again`, () => this.livesOf(name) > lives);
  }

  /** Settles when the process is ready in the run that is current then. */
  async ready(name: string): Promise<void> {
    await this.#until(
      `that ${name} is ready`,
      () => this.livesOf(name) > 0 && this.#ready.get(name) === this.livesOf(name),
    );
  }

  /** Adds a process, which is restarted when it dies. */
  async add(name: string, roles: string): Promise<void> {
    const lives = this.livesOf(name);
    this.child.send({ add: { name, roles } });
    await this.#until(`that ${name} is started`, () => this.livesOf(name) > lives);
  }

  /** Ends a process properly and permanently. */
  remove(name: string): void {
    this.child.send({ remove: name });
  }

  async discard(): Promise<void> {
    await this.stop();
    await rm(this.dataDir, { recursive: true, force: true });
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.child.once('close', resolve));
    this.child.kill('SIGTERM');
    const late = setTimeout(() => this.child.kill('SIGKILL'), stopWithinMs);
    await ended;
    clearTimeout(late);
  }

  #listen(): void {
    const { stdout, stderr } = this.child;
    if (stdout === null || stderr === null) throw new Error('the cluster has no output');
    createInterface(stdout).on('line', (line) => {
      this.#onLine(line);
    });
    createInterface(stderr).on('line', (line) => {
      this.#keep(line);
      const [, name = '', text = line] = /^([a-z]+-\d+): (.*)$/.exec(line) ?? [];
      this.onLine(name, text);
    });
  }

  #onLine(line: string): void {
    this.#keep(line);
    const [, started, pid] = /^(\S+) is process (\d+)$/.exec(line) ?? [];
    if (started !== undefined) this.#lives.set(started, [...(this.#lives.get(started) ?? []), Number(pid)]);
    const [, ready] = /^(\S+-\d+) is ready$/.exec(line) ?? [];
    if (ready !== undefined) this.#ready.set(ready, this.livesOf(ready));
    const [, url] = /Ringfence is ready at (http:\/\/\S+)/.exec(line) ?? [];
    if (url !== undefined) this.#urls.push(url);
    if (line.startsWith('The cluster is ready')) this.#isReady = true;
    this.#onNews();
  }

  #keep(line: string): void {
    this.#lastLines.push(line);
    if (this.#lastLines.length > linesKeptMax) this.#lastLines.shift();
  }

  async #until(what: string, holds: () => boolean): Promise<void> {
    const onNews = this.#onNews;
    await new Promise<void>((resolve, reject) => {
      const fail = (why: string) => {
        reject(new Error(`${why}\n${this.#lastLines.join('\n')}`));
      };
      const ended = () => {
        fail('the cluster ended');
      };
      const late = setTimeout(() => {
        fail(`the cluster did not say ${what}`);
      }, readyWithinMs);
      const look = () => {
        onNews();
        if (!holds()) return;
        clearTimeout(late);
        this.child.off('close', ended);
        resolve();
      };
      this.#onNews = look;
      this.child.once('close', ended);
      look();
    });
  }
}
