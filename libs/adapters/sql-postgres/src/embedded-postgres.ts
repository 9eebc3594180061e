import { Failure } from '@ringfence/kernel/failure';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { access, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, Socket } from 'node:net';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { findPostgresBinaries, type PostgresRelease } from './postgres-binaries.js';
import { findPostmaster, isAlive, type Reach, stopPostmaster, untilReady } from './postmaster.js';
import { findLauncher, type Launcher } from './unprivileged.js';

const run = promisify(execFile);
const startTimeoutMs = 30_000;
const stopTimeoutMs = 30_000;
const outputLinesMax = 20;

export type EmbeddedPostgres = {
  readonly url: string;
  readonly pid: number;
  /** Whether it was running already: left behind by a process that was killed, or another command's. */
  readonly adopted: boolean;
  /** Fast shutdown, everything written. */
  stop(): Promise<void>;
};

/**
 * Starts the PostgreSQL that npm brought, its data under `<dataDir>/postgres`, on a free port of 127.0.0.1 and a socket beside its data; joins one that serves this data already.
 * @throws Failure `embedded_postgres_missing`, `embedded_postgres_root`, `embedded_postgres_start`
 */
export async function startEmbeddedPostgres(options: {
  readonly dataDir: string;
  readonly durable?: boolean;
  /** Default: one that is free. */
  readonly port?: number;
  /** Default: our own. */
  readonly release?: PostgresRelease;
}): Promise<EmbeddedPostgres> {
  const home = join(resolve(options.dataDir), 'postgres');
  const cluster = join(home, 'data');
  const secret = join(resolve(options.dataDir), 'postgres.secret');
  const running = await findPostmaster(cluster);
  if (running !== undefined) {
    const url = urlOf(running, await readFile(secret, 'utf8'));
    await untilReady(url, startTimeoutMs, () => !isAlive(running.pid));
    return { url, pid: running.pid, adopted: true, stop: () => stopPostmaster(running.pid, stopTimeoutMs) };
  }
  const [binaries, launcher] = await Promise.all([findPostgresBinaries(options.release ?? 'own'), findLauncher()]);
  const password = await initialise(home, cluster, secret, binaries.initdb, launcher);
  const port = options.port ?? (await freePort());
  const socketDir = socketDirIn(home);
  const child = launch(launcher, binaries.postgres, cluster, { port, socketDir }, options.durable ?? true);
  const output = collectOutput(child);
  const url = urlOf({ port, socketDir }, password);
  await untilReady(url, startTimeoutMs, () => child.exitCode !== null || child.signalCode !== null).catch(
    async (cause: unknown) => {
      child.kill('SIGINT');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'close');
      throw new Failure(
        'embedded_postgres_start',
        `PostgreSQL did not start: ${output.join(' ').slice(-2_000)}`,
        false,
        { cause },
      );
    },
  );
  const pid = (await findPostmaster(cluster))?.pid ?? child.pid ?? 0;
  child.unref();
  return { url, pid, adopted: false, stop: () => stopPostmaster(pid, stopTimeoutMs) };
}

/** The URL of the PostgreSQL that serves this data dir now; undefined: none does. */
export async function findEmbeddedPostgres(dataDir: string): Promise<string | undefined> {
  const running = await findPostmaster(join(resolve(dataDir), 'postgres', 'data'));
  return running === undefined
    ? undefined
    : urlOf(running, await readFile(join(resolve(dataDir), 'postgres.secret'), 'utf8'));
}

/** Makes the cluster where there is none, whole or not at all. @returns the password */
async function initialise(
  home: string,
  cluster: string,
  secret: string,
  initdb: string,
  launcher: Launcher,
): Promise<string> {
  if (
    await exists(join(cluster, 'PG_VERSION')).then(
      async (made) => made && (await exists(secret)) && (await exists(join(home, 'complete'))),
    )
  ) {
    return readFile(secret, 'utf8');
  }
  await rm(home, { recursive: true, force: true }); // what a killed initdb left
  await mkdir(home, { recursive: true, mode: 0o700 });
  const password = randomBytes(24).toString('base64url');
  await writeFile(secret, password, { mode: 0o600 });
  const passwordFile = join(home, 'password');
  await writeFile(passwordFile, password, { mode: 0o600 });
  await launcher.own(home);
  const args = [
    '-D',
    cluster,
    '-U',
    'ringfence',
    '-A',
    'scram-sha-256',
    '--pwfile',
    passwordFile,
    '-E',
    'UTF8',
    '--locale',
    'C',
    '-N',
  ];
  const [command = initdb, ...rest] = [...launcher.prefix, initdb, ...args];
  await run(command, rest, { cwd: '/' }).catch((cause: unknown) => {
    throw new Failure(
      'embedded_postgres_start',
      `initdb failed: ${cause instanceof Error ? cause.message : ''}`,
      false,
      { cause },
    );
  });
  await rm(passwordFile);
  await writeFile(join(home, 'complete'), '');
  return password;
}

function launch(
  launcher: Launcher,
  postgres: string,
  cluster: string,
  { port, socketDir }: Reach,
  durable: boolean,
): ChildProcess {
  const settings = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: socketDir ?? '',
    max_connections: '200',
    shared_buffers: '256MB',
    max_wal_size: '2GB',
    checkpoint_completion_target: '0.9',
    autovacuum_naptime: '15s',
    wal_compression: 'on',
    // Filling each new 16 MiB of WAL with zeros keeps every commit waiting for some 30 ms, until there are old files to use again.
    wal_init_zero: 'off',
    ...(durable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const [command = postgres, ...rest] = [...launcher.prefix, postgres, '-D', cluster, ...flags];
  // A session of its own: Ctrl-C reaches us alone, and we stop it when everything is written.
  return spawn(command, rest, { cwd: '/', stdio: ['ignore', 'ignore', 'pipe'], detached: true });
}

function collectOutput(child: ChildProcess): readonly string[] {
  const lines: string[] = [];
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    lines.push(text.trim());
    if (lines.length > outputLinesMax) lines.shift();
  });
  // The pipe alone shall not keep our process alive.
  if (child.stderr instanceof Socket) child.stderr.unref();
  child.on('error', ({ message }) => lines.push(message));
  return lines;
}

/** A system keeps the path of a socket in 104 bytes or more. */
const socketPathBytesMax = 103;

/** Where the socket stands: it costs half of what TCP does, and only who may enter the folder reaches it. null: TCP it is. */
function socketDirIn(home: string): string | null {
  const longest = Buffer.byteLength(join(home, '.s.PGSQL.65535'));
  // The setting is a list of folders, and commas and quotes mean something in it.
  return process.platform === 'win32' || longest > socketPathBytesMax || /[,"\s]/.test(home) ? null : home;
}

function urlOf({ port, socketDir }: Reach, password: string): string {
  const socket = socketDir === null ? '' : `?host=${encodeURIComponent(socketDir)}`;
  return `postgres://ringfence:${password}@127.0.0.1:${port}/postgres${socket}`;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening, refused) => {
    server.once('error', refused).listen(0, '127.0.0.1', listening);
  });
  const address = server.address();
  await new Promise((closed) => server.close(closed));
  if (address === null || typeof address === 'string') throw new Error('the system gave no port');
  return address.port;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
