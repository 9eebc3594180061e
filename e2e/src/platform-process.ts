import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sharedTopics } from '@ringfence/testing/kafka/shared-broker';

const root = fileURLToPath(new URL('../../', import.meta.url));
const builtMain = join(root, 'apps/server/dist/main.js');
/** Options of Node for every start of a server. */
export const serverFlags: readonly string[] = JSON.parse(
  readFileSync(join(root, 'infra/node-flags.json'), 'utf8'),
) as string[];
/** Time limit for starts, generous for busy machines; first-five-minutes tests how long a start may really take. */
const readyWithinMs = 120_000;
const stopWithinMs = 30_000;

/** Keys that the very first start prints, and that the 0600 files of the data directory keep. */
type FirstKeys = { readonly adminKey: string; readonly sandboxKey: string; readonly accountId: string };

type PlatformOptions = {
  /** Default: a new one, removed with `discard`. */
  readonly dataDir?: string;
  /** Default: a free port. */
  readonly port?: number;
  /** Script to run. Default: the built server. */
  readonly main?: string;
  /** User of the process, if root starts it; default: the current one. */
  readonly user?: { readonly uid: number; readonly gid: number };
  /** Settings on top of an environment without Ringfence's own. */
  readonly env?: Readonly<Record<string, string>>;
};

/** A real server in a process of its own: built code, a real database, a real port. */
export class PlatformProcess {
  private constructor(
    readonly url: string,
    readonly dataDir: string,
    readonly keys: FirstKeys,
    /** Time from the start of the process until it reported that it is ready. */
    readonly readyAfterMs: number,
    private readonly child: ChildProcess,
    private readonly written: Written,
    private readonly options: PlatformOptions,
  ) {}

  /** @throws Error with all output if the process ends, or does not report in time that it is ready */
  static async start(options: PlatformOptions = {}): Promise<PlatformProcess> {
    const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'ringfence-e2e-')));
    const began = performance.now();
    const { child, written } = launch(dataDir, { ...options, env: { ...(await shapeOf(dataDir)), ...options.env } });
    const url = await readyUrl(child, written);
    const readyAfterMs = performance.now() - began;
    const [adminKey, sandboxKey, accountId] = await Promise.all(
      ['admin-key', 'sandbox-key', 'demo-account'].map((name) => kept(dataDir, name)),
    );
    const keys = { adminKey: adminKey ?? '', sandboxKey: sandboxKey ?? '', accountId: accountId ?? '' };
    return new PlatformProcess(url, dataDir, keys, readyAfterMs, child, written, options);
  }

  get pid(): number {
    return this.child.pid ?? Number.NaN;
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  /** Returns the standard output. */
  get stdout(): string {
    return this.written.stdout;
  }

  /** Returns the log. */
  get stderr(): string {
    return this.written.stderr;
  }

  /**
   * Stops as Ctrl-C does.
   * @returns the exit code
   */
  async stop(): Promise<number | null> {
    return this.#end('SIGINT');
  }

  /**
   * Stops as a planned replacement does.
   * @returns the exit code
   */
  async terminate(): Promise<number | null> {
    return this.#end('SIGTERM');
  }

  /** Waits until the process ends by itself. @returns the exit code; null: it did not end and was killed */
  async ended(): Promise<number | null> {
    return this.#untilEnded();
  }

  /** Kills the process, as a power cut does. An embedded database is left behind, and is found by the next start. */
  async kill9(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Starts the platform again with the same data, port and environment, overridden by `env`. */
  async startAgain(env: Readonly<Record<string, string>> = {}): Promise<PlatformProcess> {
    return PlatformProcess.start({
      ...this.options,
      dataDir: this.dataDir,
      port: this.port,
      env: { ...this.options.env, ...env },
    });
  }

  /** Stops the platform if it runs, and removes its data. */
  async discard(): Promise<void> {
    await this.stop();
    await endLeftDatabases(this.dataDir);
    await rm(this.dataDir, { recursive: true, force: true });
  }

  /** Sends one request with a key; `json` is the parsed body, undefined if there is none. */
  async ask(key: string, method: string, path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}) {
    const answer = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        'x-api-key': key,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, json: parsed(text) };
  }

  async #end(signal: NodeJS.Signals): Promise<number | null> {
    this.child.kill(signal);
    return this.#untilEnded();
  }

  async #untilEnded(): Promise<number | null> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return this.child.exitCode;
    const ended = new Promise<number | null>((resolve) => this.child.once('close', resolve));
    const late = setTimeout(() => this.child.kill('SIGKILL'), stopWithinMs);
    const code = await ended;
    clearTimeout(late);
    return code;
  }
}

/** Runs the built server until it ends by itself: for starts that must fail. */
export async function runToEnd(env: Readonly<Record<string, string>>, dataDir: string) {
  const { child, written } = launch(dataDir, { env: { ...(await shapeOf(dataDir)), ...env } });
  const late = setTimeout(() => child.kill('SIGKILL'), stopWithinMs);
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  clearTimeout(late);
  return { code, ...written };
}

/**
 * Returns the settings of the deployment under test. Over Kafka: the same process, but its commands travel through a
 * broker, in topics that belong to the data.
 */
async function shapeOf(dataDir: string): Promise<Readonly<Record<string, string>>> {
  if (process.env['TEST_SHAPE'] !== 'kafka') return {};
  const folder = createHash('sha256').update(dataDir).digest('hex').slice(0, 16);
  const { brokers, topicPrefix } = await sharedTopics(`e2e.${folder}`);
  return { KAFKA_BROKERS: brokers.join(','), RINGFENCE_TOPIC_PREFIX: topicPrefix };
}

type Written = { stdout: string; stderr: string };

function launch(dataDir: string, { port, env, user, main = builtMain }: PlatformOptions) {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(RINGFENCE_|DATABASE_URL$|KAFKA_BROKERS$|OTEL_)/.test(name),
  );
  const child = spawn(process.execPath, [...serverFlags, main], {
    cwd: root,
    env: {
      ...Object.fromEntries(inherited),
      RINGFENCE_DATA_DIR: dataDir,
      RINGFENCE_PORT: String(port ?? 0),
      RINGFENCE_LOG_LEVEL: 'info',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...user,
  });
  const written: Written = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (written.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (written.stderr += text));
  return { child, written };
}

function readyUrl(child: ChildProcess, written: Written): Promise<string> {
  return new Promise((resolve, reject) => {
    const settle = (url: string | undefined, why: string) => {
      clearTimeout(late);
      child.stdout?.off('data', look);
      child.off('close', ended);
      if (url === undefined) reject(new Error(`${why}\n${written.stdout}\n${written.stderr}`));
      else resolve(url);
    };
    const look = () => {
      const [, url] = /Ringfence is ready at (http:\/\/\S+)/.exec(written.stdout) ?? [];
      if (url !== undefined) settle(url, '');
    };
    const ended = (code: number | null) => {
      settle(undefined, `the server ended with ${String(code)} before it was ready`);
    };
    const late = setTimeout(() => {
      child.kill('SIGKILL');
      settle(undefined, `the server was not ready within ${String(readyWithinMs)} ms`);
    }, readyWithinMs);
    child.stdout?.on('data', look);
    child.once('close', ended);
  });
}

async function kept(dataDir: string, name: string): Promise<string | undefined> {
  return readFile(join(dataDir, name), 'utf8').then(
    (text) => text.trim(),
    () => undefined,
  );
}

/** Ends embedded databases that outlived a killed server, on data that is no longer used. */
async function endLeftDatabases(dataDir: string): Promise<void> {
  const entries = await readdir(dataDir, { recursive: true }).catch(() => []);
  for (const path of entries.filter((name) => name.endsWith('postmaster.pid'))) {
    const [first = ''] = (await readFile(join(dataDir, path), 'utf8')).split('\n');
    try {
      process.kill(Number(first), 'SIGQUIT');
    } catch {
      // It has ended meanwhile.
    }
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
