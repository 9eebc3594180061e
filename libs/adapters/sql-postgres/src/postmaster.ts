import { isUnavailable, sqlStateOf } from './pool.js';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';

/** Address of a server; `socketDir` null: only TCP. */
export type Reach = { readonly port: number; readonly socketDir: string | null };
/** Contents of `postmaster.pid`: line 1 the pid, line 4 the port, line 5 the folder of its socket. */
type Postmaster = Reach & { readonly pid: number };

/** The postmaster that serves this cluster now; undefined: none does, whatever a stale pid file says. */
export async function findPostmaster(cluster: string): Promise<Postmaster | undefined> {
  const lines = (await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n');
  const pid = Number(lines[0]);
  const port = Number(lines[3]);
  if (!Number.isSafeInteger(pid) || pid <= 1 || !Number.isSafeInteger(port)) return undefined;
  const socketDir = lines[4]?.trim() === '' ? null : (lines[4]?.trim() ?? null);
  return (await runsPostgresIn(pid, cluster)) ? { pid, port, socketDir } : undefined;
}

/** Checks the command line of a process, because pids are reused: only one that names this cluster is ours. */
async function runsPostgresIn(pid: number, cluster: string): Promise<boolean> {
  if (!isAlive(pid)) return false;
  const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => undefined);
  return commandLine === undefined || commandLine.split('\0').includes(cluster);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/**
 * Fast shutdown (SIGINT): sessions are ended, everything is written.
 * @throws Error if it still runs after `timeoutMs`
 */
export async function stopPostmaster(pid: number, timeoutMs: number): Promise<void> {
  if (!isAlive(pid)) return;
  process.kill(pid, 'SIGINT');
  const deadline = performance.now() + timeoutMs;
  while (isAlive(pid)) {
    if (performance.now() > deadline) throw new Error(`PostgreSQL (pid ${pid}) did not stop within ${timeoutMs} ms`);
    await pause(20);
  }
}

/** SQLSTATE invalid_password: waiting does not resolve it. */
const passwordWrong = '28P01';

/**
 * Waits until the server accepts connections.
 * @throws Error if it does not within `timeoutMs`, rejects the password, or has ended
 */
export async function untilAccepting(
  url: string,
  timeoutMs: number,
  ended: () => boolean | Promise<boolean>,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.end();
      return;
    } catch (error) {
      const late = performance.now() > deadline || (await ended());
      if (late || isPasswordWrong(error) || !isUnavailable(error)) throw error;
    }
    await pause(25);
  }
}

export function isPasswordWrong(error: unknown): boolean {
  return sqlStateOf(error) === passwordWrong;
}
