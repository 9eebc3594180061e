import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import pg from 'pg';
import { unfitReason } from './database-fitness.js';
import { openPool } from './pool.js';
import { ScratchClusters } from './scratch-clusters.js';

/** Debian keeps it where only root's path leads. */
const pgbouncer = existsSync('/usr/sbin/pgbouncer') ? '/usr/sbin/pgbouncer' : 'pgbouncer';
const notKept = { kind: 'sessions_not_kept' };

/** PgBouncer in front of a real server, in each of its modes. */
describe('a pooler', () => {
  const scratch = new ScratchClusters();
  const poolers: ChildProcess[] = [];
  let server: URL;
  let folder: string;

  beforeAll(async () => {
    server = new URL((await scratch.start(await scratch.dataDir())).url);
    folder = await mkdtemp(join(tmpdir(), 'ringfence-pooler-'));
    await chmod(folder, 0o711);
  });
  afterEach(async () => {
    for (const pooler of poolers.splice(0)) {
      pooler.kill('SIGKILL');
      if (pooler.exitCode === null && pooler.signalCode === null) await once(pooler, 'close');
    }
  });
  afterAll(async () => {
    await scratch.discard();
    await rm(folder, { recursive: true, force: true });
  });

  /** @returns the URL of the database behind it */
  async function pooled(mode: string, settings: Readonly<Record<string, string>> = {}): Promise<string> {
    const port = await freePort();
    const lines = Object.entries({
      listen_addr: '127.0.0.1',
      listen_port: String(port),
      unix_socket_dir: '',
      auth_type: 'any',
      pool_mode: mode,
      ...settings,
    }).map(([name, value]) => `${name} = ${value}`);
    const behind = `host=127.0.0.1 port=${server.port} dbname=postgres user=ringfence password=${server.password}`;
    const file = join(folder, `${mode}-${String(port)}.ini`);
    await writeFile(file, ['[databases]', `behind = ${behind}`, '[pgbouncer]', ...lines, ''].join('\n'));
    // It does not run as root either.
    const user = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
    const pooler = spawn(pgbouncer, [file], { stdio: ['ignore', 'ignore', 'pipe'], ...user });
    poolers.push(pooler);
    const lastWords: string[] = [];
    for await (const line of createInterface(pooler.stderr)) {
      lastWords.push(line);
      if (line.includes('process up')) return `postgres://anybody@127.0.0.1:${String(port)}/behind`;
    }
    throw new Error(lastWords.join('\n'));
  }

  it('that keeps sessions is as good as the server', async () => {
    expect(await unfitReason(await pooled('session'))).toBeNull();
  });

  it('that keeps sessions hands on no prepared statement of one process to the next', async () => {
    const url = await pooled('session', {
      default_pool_size: '1',
      ignore_startup_parameters: 'extra_float_digits',
    });
    for (const [sql, answer] of [
      ['select $1::integer as one', { one: 7 }],
      ['select $1::text as other', { other: '7' }],
    ] as const) {
      const pool = openPool(url, { connectionsMax: 1 });
      const { rows } = await pool.query({ name: 'same', text: sql, values: [7] });
      expect(rows).toEqual([answer]);
      await pool.end();
    }
  });

  it.each(['transaction', 'statement'])('in mode %s is recognised', async (mode) => {
    expect(await unfitReason(await pooled(mode))).toEqual(notKept);
  });

  it('in mode transaction is recognised when it hands out its connections in turn', async () => {
    const url = await pooled('transaction', { server_round_robin: '1' });
    await busied(url, 3);
    expect(await unfitReason(url)).toEqual(notKept);
  });

  it('in mode transaction is recognised beside others’ work', async () => {
    const url = await pooled('transaction', { default_pool_size: '8' });
    let over = false;
    const work = Array.from({ length: 4 }, async () => {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      while (!over) await client.query('select pg_sleep(0.002)');
      await client.end();
    });
    for (let times = 0; times < 10; times += 1) expect(await unfitReason(url)).toEqual(notKept);
    over = true;
    await Promise.all(work);
  });

  it('that keeps sessions and has one for us says so at once', async () => {
    const url = await pooled('session', { default_pool_size: '1', query_wait_timeout: '1' });
    expect(await unfitReason(url)).toEqual({ kind: 'no_second_connection' });
  });

  /** Leaves so many server connections behind. */
  async function busied(url: string, connections: number): Promise<void> {
    const clients = Array.from({ length: connections }, () => new pg.Client({ connectionString: url }));
    for (const client of clients) await client.connect();
    await Promise.all(clients.map((client) => client.query('select pg_sleep(0.2)')));
    for (const client of clients) await client.end();
  }
});

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  if (address === null || typeof address === 'string') throw new Error('the system gave no port');
  return address.port;
}
