import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, Socket } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import {
  claim,
  checkWhole,
  clusterIn,
  type DataFolder,
  findHome,
  ownerOf,
  removeDrafts,
  secretFileOf,
} from './cluster-place.js';
import { embeddedFailures } from './embedded-failures.js';
import { makeCluster } from './make-cluster.js';
import { type Moved, moveWhereItMayPass } from './move-cluster.js';
import { findPostgresBinaries, type PostgresRelease, reachable } from './postgres-binaries.js';
import { readSecret } from './postgres-secret.js';
import { findPostmaster, isPasswordWrong, type Reach, stopPostmaster, untilAccepting } from './postmaster.js';
import { findLauncher, isBare, type Launcher } from './server-user.js';

const startTimeoutMs = 30_000;
const stopTimeoutMs = 30_000;
const outputLinesMax = 20;
const outputCharactersMax = 2_000;

export type EmbeddedPostgres = {
  readonly url: string;
  readonly pid: number;
  /** The folder of the cluster. */
  readonly home: string;
  /** Location of the cluster before this start; null: it was not moved. */
  readonly movedFrom: string | null;
  /** True if the server was running already: left behind by a killed process, or started by another command. */
  readonly adopted: boolean;
  /** Fast shutdown, everything written. */
  stop(): Promise<void>;
};

/**
 * Starts the PostgreSQL from npm on the cluster of this data folder, on a free port of 127.0.0.1 and a socket in its
 * data, or joins the server that runs already. An existing cluster is never recreated, whatever is missing.
 * @throws Failure of `embeddedFailures`
 */
export async function startEmbeddedPostgres(options: {
  readonly dataDir: string;
  /** The topmost folder that is Ringfence's alone. Default: `dataDir`. */
  readonly topDir?: string;
  /** True if a cluster may be created where there never was one. Default: true. */
  readonly make?: boolean;
  readonly durable?: boolean;
  /** Default: a free port. */
  readonly port?: number;
  /** Default: this release's own. */
  readonly release?: PostgresRelease;
}): Promise<EmbeddedPostgres> {
  const { dataDir, make = true, durable = true } = { ...options, dataDir: resolve(options.dataDir) };
  const folder = { dataDir, topDir: resolve(options.topDir ?? dataDir) };
  const found = await findHome(dataDir);
  if (found === undefined && !make) throw embeddedFailures.database_not_made(dataDir);
  const running = found === undefined ? undefined : await joined(dataDir, found);
  if (running !== undefined) return running;
  const [installed, launcher] = await Promise.all([
    findPostgresBinaries(options.release ?? 'own'),
    ownerOf(found).then(findLauncher),
  ]);
  const binaries = await reachable(installed, launcher);
  const { home, from } =
    found === undefined
      ? { home: await makeCluster(folder, binaries.initdb, launcher, durable), from: null }
      : await prepared(folder, found, launcher);
  const secret = secretFileOf(dataDir);
  const password = await readSecret(secret, home);
  const port = options.port ?? (await freePort());
  const socketDir = socketDirIn(clusterIn(home));
  const url = urlOf({ port, socketDir }, password);
  const pid = await served(launcher, binaries.postgres, { home, secret, url, port, socketDir }, durable);
  return { url, pid, home, movedFrom: from, adopted: false, stop: () => stopPostmaster(pid, stopTimeoutMs) };
}

/**
 * The URL of the PostgreSQL that serves this data folder now; undefined: none does.
 * @throws as `startEmbeddedPostgres`
 */
export async function findEmbeddedPostgres(dataDir: string): Promise<string | undefined> {
  const home = await findHome(resolve(dataDir));
  const running = home === undefined ? undefined : await findPostmaster(clusterIn(home));
  if (home === undefined || running === undefined) return undefined;
  return urlOf(running, await readSecret(secretFileOf(resolve(dataDir)), home));
}

/**
 * Joins the server that already runs on this cluster. One with capabilities (an earlier release's, started by root) is
 * stopped instead. undefined: none runs, or it ended before it accepted us, as one does that was just killed.
 */
async function joined(dataDir: string, home: string): Promise<EmbeddedPostgres | undefined> {
  const running = await findPostmaster(clusterIn(home));
  if (running === undefined) return undefined;
  const { pid } = running;
  if (!(await isBare(pid))) {
    await stopPostmaster(pid, stopTimeoutMs);
    return undefined;
  }
  const secret = secretFileOf(dataDir);
  const url = urlOf(running, await readSecret(secret, home));
  const ended = async () => (await findPostmaster(clusterIn(home)))?.pid !== pid;
  try {
    await untilAccepting(url, startTimeoutMs, ended);
  } catch (failure) {
    if (isPasswordWrong(failure)) throw embeddedFailures.postgres_secret_wrong(secret, home);
    if (await ended()) return undefined;
    throw failure;
  }
  return { url, pid, home, movedFrom: null, adopted: true, stop: () => stopPostmaster(pid, stopTimeoutMs) };
}

/**
 * Checks and repairs an existing cluster before a server is started on it. The password is read first: without it
 * nothing is moved.
 */
async function prepared(folder: DataFolder, found: string, launcher: Launcher): Promise<Moved> {
  const { dataDir } = folder;
  await checkWhole(found);
  await readSecret(secretFileOf(dataDir), found);
  const moved = await moveWhereItMayPass(folder, found, launcher);
  await claim(dataDir, moved.home);
  await removeDrafts([dataDir, dirname(moved.home)]);
  return moved;
}

/**
 * Starts the server and waits until it accepts connections.
 * @returns the postmaster's id
 */
async function served(
  launcher: Launcher,
  postgres: string,
  at: Reach & { readonly home: string; readonly secret: string; readonly url: string },
  durable: boolean,
): Promise<number> {
  const child = launch(launcher, postgres, clusterIn(at.home), at, durable);
  const output = collectOutput(child);
  const ended = () => child.exitCode !== null || child.signalCode !== null;
  await untilAccepting(at.url, startTimeoutMs, ended).catch(async (cause: unknown) => {
    child.kill('SIGINT');
    if (!ended()) await once(child, 'close');
    throw isPasswordWrong(cause)
      ? embeddedFailures.postgres_secret_wrong(at.secret, at.home)
      : embeddedFailures.embedded_postgres_start(at.home, output.join(' ').slice(-outputCharactersMax), cause);
  });
  child.unref();
  return (await findPostmaster(clusterIn(at.home)))?.pid ?? child.pid ?? 0;
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
    // The WAL has an image of each page that is changed first after a checkpoint: of most of the log's hot window.
    checkpoint_timeout: '15min',
    checkpoint_completion_target: '0.9',
    autovacuum_naptime: '15s',
    wal_compression: 'on',
    // Filling each new 16 MiB of WAL with zeros delays every commit by some 30 ms, until there are old files to reuse.
    wal_init_zero: 'off',
    ...(durable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const [command = postgres, ...rest] = [...launcher.prefix, postgres, '-D', cluster, ...flags];
  // A session of its own: Ctrl-C reaches only us, and we stop the server when everything is written.
  return spawn(command, rest, { cwd: '/', stdio: ['ignore', 'ignore', 'pipe'], detached: true });
}

function collectOutput(child: ChildProcess): readonly string[] {
  const lines: string[] = [];
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    lines.push(text.trim());
    if (lines.length > outputLinesMax) lines.shift();
  });
  // The pipe alone must not keep our process alive.
  if (child.stderr instanceof Socket) child.stderr.unref();
  child.on('error', ({ message }) => lines.push(message));
  return lines;
}

/** The longest path of a socket: systems permit 104 bytes or more. */
const socketPathBytesMax = 103;

/**
 * Returns the folder of the socket, inside the data: a socket costs half of what TCP does, and only users who may enter
 * the folder can reach it. null: use TCP.
 */
function socketDirIn(cluster: string): string | null {
  const longest = Buffer.byteLength(join(cluster, '.s.PGSQL.65535'));
  // The setting is a list of folders, in which commas and quotes have a meaning.
  return process.platform === 'win32' || longest > socketPathBytesMax || /[,"\s]/.test(cluster) ? null : cluster;
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
