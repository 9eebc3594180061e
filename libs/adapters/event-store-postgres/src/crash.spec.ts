import { afterEach, describe, expect, it } from '@jest/globals';
import { position, streamVersion } from '@ringfence/kernel/units';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '@ringfence/sql-postgres/embedded-postgres';
import { openPool } from '@ringfence/sql-postgres/pool';
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { PostgresEventStore } from './postgres-event-store.js';

/**
 * A process of its own that appends without end to three streams, and says the position of each append that was
 * acknowledged.
 */
const writer = `
  import { PostgresEventStore } from '@ringfence/event-store-postgres/postgres-event-store';
  import { openPool } from '@ringfence/sql-postgres/pool';
  const store = await PostgresEventStore.open(openPool(process.argv[1]));
  await Promise.all([1, 2, 3].map(async (number) => {
    const stream = 'acc_' + String(number).padStart(26, '0');
    let version = (await store.readStream(stream, 0, 10000)).at(-1)?.version ?? 0;
    for (;;) {
      const events = [1, 2, 3].map((part) => ({ type: 't', subject: 's', bytes: Buffer.from(stream + '.' + (version + part)) }));
      const { first } = await store.append({
        appends: [{ stream, expectedVersion: version, events, nextDueMs: null }], unchanged: [], outcomes: [], fences: [],
      });
      version += 3;
      process.stdout.write(stream + ' ' + version + ' ' + (first + 2) + '\\n');
    }
  }));
`;
type Acknowledged = { readonly stream: string; readonly version: number; readonly at: number };
type Writer = ChildProcessByStdio<null, Readable, null>;

const folders: string[] = [];
const servers: EmbeddedPostgres[] = [];
const children: Writer[] = [];

async function start(dataDir: string): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ dataDir });
  servers.push(server);
  return server;
}

/**
 * Runs a writer until `count` appends were acknowledged, then kills whom `kill` names.
 * @returns everything acknowledged
 */
async function write(url: string, count: number, kill: (child: Writer) => void): Promise<readonly Acknowledged[]> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', writer, url], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  children.push(child);
  const ended = once(child, 'close');
  const acknowledged: Acknowledged[] = [];
  for await (const line of createInterface(child.stdout)) {
    const [stream = '', version, at] = line.split(' ');
    acknowledged.push({ stream, version: Number(version), at: Number(at) });
    if (acknowledged.length === count) kill(child);
  }
  await ended;
  return acknowledged;
}

/**
 * A killed writer's last append may be under way at the server, and commit while we look: waits until its sessions are
 * over.
 */
const endOthersSql = `select pg_terminate_backend(pid, $1) from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()`;
const othersEndWithinMs = 30_000;

/** Every acknowledged append is there, at its place; positions are dense and streams gapless. */
async function expectWhole(url: string, acknowledged: readonly Acknowledged[]): Promise<void> {
  const pool = openPool(url);
  await pool.query(endOthersSql, [othersEndWithinMs]);
  const store = await PostgresEventStore.open(pool);
  const events = await store.readAll(position(0), 10_000);
  expect(events.map((event) => event.position)).toEqual(Array.from(events, (_, at) => at));
  expect(await store.head()).toBe(events.length);
  for (const { stream, version, at } of acknowledged) {
    expect([at, events[at]?.stream, events[at]?.version]).toEqual([at, stream, version]);
  }
  for (const stream of new Set(events.map((event) => event.stream))) {
    const own = await store.readStream(stream, streamVersion(1), 10_000);
    expect(own.map(({ version }) => version)).toEqual(Array.from(own, (_, at) => at + 1));
    expect(own.length % 3).toBe(0);
  }
  await store.close();
  await pool.end();
}

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const server of servers.splice(0)) await server.stop();
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

describe('after a kill -9', () => {
  it('of a writer and of PostgreSQL itself, in the middle of appends, the log is dense and holds what was acknowledged', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'ringfence-crash-'));
    folders.push(dataDir);
    const first = await start(dataDir);
    const before = await write(first.url, 60, (child) => child.kill('SIGKILL'));
    expect(before.length).toBeGreaterThanOrEqual(60);
    await expectWhole(first.url, before);
    const between = await write(first.url, 60, () => process.kill(first.pid, 'SIGKILL'));
    expect(between.length).toBeGreaterThanOrEqual(60);
    const second = await start(dataDir);
    expect(second.adopted).toBe(false);
    await expectWhole(second.url, [...before, ...between]);
    await expectWhole(second.url, await write(second.url, 10, (child) => child.kill('SIGKILL')));
  });
});
