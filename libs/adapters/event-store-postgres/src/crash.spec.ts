import { afterEach, describe, expect, it } from '@jest/globals';
import { platformStream } from '@ringfence/kernel/ids';
import { position, streamVersion } from '@ringfence/kernel/units';
import { pagePositions } from '@ringfence/ports/log/log-segments';
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
/** A process of its own that moves a segment of two pages after the other, and says how far it is within each. */
const mover = `
  import { PostgresLogSegments } from '@ringfence/event-store-postgres/log-segments';
  import { openPool } from '@ringfence/sql-postgres/pool';
  const segments = new PostgresLogSegments(openPool(process.argv[1]));
  const afterPage = async () => { process.stdout.write('page\\n'); };
  for (;;) {
    const { outcome, next } = await segments.moveCold({ hotEvents: 0, pages: 2, afterPage });
    process.stdout.write(outcome + ' ' + next + '\\n');
  }
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

/** Runs a mover until it has said `count` lines, then kills whom `kill` names. */
async function moveUntil(url: string, count: number, kill: (child: Writer) => void): Promise<void> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', mover, url], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  children.push(child);
  const ended = once(child, 'close');
  let lines = 0;
  for await (const _line of createInterface(child.stdout)) {
    lines += 1;
    if (lines === count) kill(child);
  }
  await ended;
}

/** Checks that every position is in a row or in a page, never in both, and that readers get what was appended. */
async function expectEachOnce(url: string, texts: readonly string[]): Promise<number> {
  const pool = openPool(url);
  await pool.query(endOthersSql, [othersEndWithinMs]);
  const { rows } = await pool.query<{ first: string | null; rows: string; pages: string; last: number | null }>(
    `select (select min(position) from log.event) as first, (select count(*) from log.event) as rows,
       (select count(*) from log.page) as pages, (select max(number) from log.page) as last`,
  );
  const [found] = rows;
  const pages = Number(found?.pages);
  expect(found?.last ?? -1).toBe(pages - 1);
  expect(Number(found?.rows)).toBe(texts.length - pages * pagePositions);
  if (found?.first != null) expect(Number(found.first)).toBe(pages * pagePositions);
  const store = await PostgresEventStore.open(pool);
  const events = await store.readAll(position(0), 10_000);
  expect(events.map(({ position: at, bytes }) => `${String(at)} ${Buffer.from(bytes).toString()}`)).toEqual(
    texts.map((text, at) => `${String(at)} ${text}`),
  );
  await store.close();
  await pool.end();
  return pages;
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

  it('of a mover and of PostgreSQL itself, in the middle of moves, each position is in a row or in a page', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'ringfence-crash-'));
    folders.push(dataDir);
    let { url, pid } = await start(dataDir);
    const pool = openPool(url);
    const store = await PostgresEventStore.open(pool);
    const texts = Array.from({ length: 24 * pagePositions + 7 }, (_, at) => `text ${String(at)}`);
    const half = texts.length / 2 + 0.5;
    for (const after of [0, half]) {
      const events = texts
        .slice(after, after + half)
        .map((text) => ({ type: 't', subject: 's', bytes: Buffer.from(text) }));
      await store.append({
        appends: [{ stream: platformStream, expectedVersion: streamVersion(after), events, nextDueMs: null }],
        unchanged: [],
        outcomes: [],
        fences: [],
      });
    }
    await store.close();
    await pool.end();
    let moved = 0;
    // A move says `page` twice, then how far it is: after the second page, index and rows are written.
    for (const lines of [1, 2, 5]) {
      await moveUntil(url, lines, (child) => child.kill('SIGKILL'));
      const pages = await expectEachOnce(url, texts);
      expect(pages).toBeGreaterThanOrEqual(moved);
      expect(pages % 2).toBe(0);
      moved = pages;
    }
    for (const lines of [1, 2]) {
      await moveUntil(url, lines, (child) => {
        process.kill(pid, 'SIGKILL');
        child.kill('SIGKILL');
      });
      ({ url, pid } = await start(dataDir));
      await expectEachOnce(url, texts);
    }
    await moveUntil(url, 3 * 12 + 1, (child) => child.kill('SIGKILL'));
    expect(await expectEachOnce(url, texts)).toBe(24);
  }, 60_000);
});
