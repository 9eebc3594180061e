import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startEmbeddedPostgres } from './embedded-postgres.js';
import type { PostgresRelease } from './postgres-binaries.js';

/** A database for one test suite, dropped when it is closed. */
export type ScratchDatabase = { readonly url: string; readonly serverPid: number | undefined; close(): Promise<void> };

/**
 * Opens a database on the server of DATABASE_URL if that is set, otherwise on a PostgreSQL started for this suite in a
 * temporary folder: of `release`, or of the release that TEST_POSTGRES names.
 */
export async function openScratchDatabase(
  options: { readonly durable?: boolean; readonly release?: PostgresRelease } = {},
): Promise<ScratchDatabase> {
  const release = options.release ?? (process.env['TEST_POSTGRES'] === 'oldest' ? 'oldest' : undefined);
  const given = release === undefined ? process.env['DATABASE_URL'] : undefined;
  const name = `scratch_${randomBytes(6).toString('hex')}`;
  if (given !== undefined && given !== '') {
    await statement(given, `create database ${name}`);
    return {
      url: withDatabase(given, name),
      serverPid: undefined,
      close: () => statement(given, `drop database ${name} with (force)`),
    };
  }
  const dataDir = await mkdtemp(join(tmpdir(), 'ringfence-scratch-'));
  const server = await startEmbeddedPostgres({
    dataDir,
    durable: options.durable ?? false,
    release: release ?? 'own',
  });
  await statement(server.url, `create database ${name}`);
  return {
    url: withDatabase(server.url, name),
    serverPid: server.pid,
    close: async () => {
      await server.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

function withDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}

async function statement(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined); // the server may end first
  await client.connect();
  await client.query(sql);
  await client.end();
}
