import { afterEach, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startEmbeddedPostgres, type EmbeddedPostgres } from './embedded-postgres.js';
import type { PostgresRelease } from './postgres-binaries.js';
import { findLauncher } from './server-user.js';

const folders: string[] = [];
const servers: EmbeddedPostgres[] = [];

async function start(dataDir: string, release: PostgresRelease = 'own'): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ dataDir, release });
  servers.push(server);
  return server;
}

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'ringfence-embedded-'));
  folders.push(made);
  return made;
}

async function ask(url: string, sql: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<Record<string, unknown>>(sql);
  await client.end();
  return Object.values(rows[0] ?? {})[0];
}

afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
  for (const made of folders.splice(0)) await rm(made, { recursive: true, force: true });
});

describe('the embedded PostgreSQL', () => {
  it('keeps what was committed over a stop and a start', async () => {
    const dataDir = await folder();
    const first = await start(dataDir);
    await ask(first.url, 'create table kept as select 7 as n');
    await first.stop();
    const second = await start(dataDir);
    expect(await ask(second.url, 'select n from kept')).toBe(7);
    expect(await ask(second.url, 'show fsync')).toBe('on');
  });

  it('joins the server that a killed process left behind', async () => {
    const dataDir = await folder();
    const left = await start(dataDir);
    const joined = await start(dataDir);
    expect(joined.adopted).toBe(true);
    expect(joined.pid).toBe(left.pid);
    expect(joined.url).toBe(left.url);
  });

  it('survives the pid file of a server that was killed', async () => {
    const dataDir = await folder();
    const first = await start(dataDir);
    await ask(first.url, 'create table kept as select 8 as n');
    const pidFile = await readFile(join(dataDir, 'postgres/data/postmaster.pid'), 'utf8');
    await first.stop();
    await writeFile(join(dataDir, 'postgres/data/postmaster.pid'), pidFile.replace(/^\d+/, String(process.pid)));
    const second = await start(dataDir);
    expect(second.adopted).toBe(false);
    expect(await ask(second.url, 'select n from kept')).toBe(8);
  });

  it('is started again where the server that it would join ends first', async () => {
    const dataDir = await folder();
    const first = await start(dataDir);
    await ask(first.url, 'create table kept as select 9 as n');
    const cluster = join(dataDir, 'postgres/data');
    const pidFile = await readFile(join(cluster, 'postmaster.pid'), 'utf8');
    await first.stop();
    // A postmaster that ends when somebody connects: its process names the cluster, its socket is ours.
    const { prefix } = await findLauncher(undefined);
    const [command, ...rest] = [...prefix, 'sh', '-c', 'echo here; read -r line', cluster];
    const ending = spawn(command, rest, { stdio: ['pipe', 'pipe', 'inherit'] });
    await once(ending.stdout, 'data');
    await writeFile(join(cluster, 'postmaster.pid'), pidFile.replace(/^\d+/, String(ending.pid)));
    const socket = createServer((connection) => {
      socket.close();
      ending.stdin.end();
      ending.once('exit', () => connection.destroy());
    });
    await new Promise<void>((listening) =>
      socket.listen(join(cluster, `.s.PGSQL.${new URL(first.url).port}`), listening),
    );
    const second = await start(dataDir);
    expect(ending.exitCode).not.toBeNull();
    expect(second.adopted).toBe(false);
    expect(await ask(second.url, 'select n from kept')).toBe(9);
  });

  it('is of the release that is asked for', async () => {
    const { url } = await start(await folder(), 'oldest');
    expect(await ask(url, 'show server_version')).toMatch(/^15\./);
  });

  it('is reached through a socket beside its data', async () => {
    const { url } = await start(await folder());
    expect(await ask(url, 'select inet_server_addr()')).toBeNull();
  });

  it('is reached by TCP where the path of a socket would be too long', async () => {
    const top = await folder();
    await chmod(top, 0o711);
    const deep = join(top, 'a-folder-with-a-long-name'.repeat(4));
    const { url } = await start(deep);
    expect(await ask(url, 'select host(inet_server_addr())')).toBe('127.0.0.1');
    expect((await start(deep)).url).toBe(url);
  });

  it('runs beside another one', async () => {
    const [one, other] = await Promise.all([
      folder().then((made) => start(made)),
      folder().then((made) => start(made)),
    ]);
    expect(one.url).not.toBe(other.url);
    expect(await ask(one.url, 'select 1')).toBe(1);
    expect(await ask(other.url, 'select 1')).toBe(1);
  });
});
