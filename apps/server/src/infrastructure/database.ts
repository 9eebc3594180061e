import { dirname } from 'node:path';
import { readLimits } from '@ringfence/http/edge/read-bounds';
import { Failure } from '@ringfence/kernel/failure';
import type { LogId } from '@ringfence/kernel/ids';
import { unfitReason } from '@ringfence/sql-postgres/database-fitness';
import { errnoOf } from '@ringfence/sql-postgres/embedded-failures';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@ringfence/sql-postgres/embedded-postgres';
import { openPool, sessionPrefix } from '@ringfence/sql-postgres/pool';
import type { Pool } from 'pg';
import type { Config } from '../config/config.js';
import { startFailures } from '../start/start-failures.js';
import type { ServerLog } from '../telemetry/server-log.js';

/**
 * Connections of one process: for appends and readers of the log, the vault, read models, and reads of clients. Client
 * reads have their own: large ones wait for each other and hold up neither commands nor heartbeats nor projections.
 */
const connections = { store: 9, vault: 4, readModels: 17, answers: readLimits.workingMax } as const;

type Pools = { readonly [Use in keyof typeof connections]: Pool };

/** The database of a process, with a pool for each use, so that none takes connections from another. */
export type Database = {
  readonly pools: Pools;
  /** The location of the data, for people. */
  readonly name: string;
  readonly close: () => Promise<void>;
};

/**
 * Opens the database of the configuration; without one, starts the embedded database.
 * @param kept the log that the data folder belongs to; undefined: none yet
 * @throws Failure, one line for people
 */
export async function openServerDatabase(
  { databaseUrl, dataDir }: Config,
  kept: LogId | undefined,
  log: ServerLog,
): Promise<Database> {
  if (databaseUrl === null) {
    const embedded = await startOwnDatabase(dataDir, kept, log);
    return databaseAt(embedded.url, nameOf(embedded, dataDir), () => embedded.stop());
  }
  await checkDatabase(databaseUrl);
  return databaseAt(databaseUrl, 'PostgreSQL of DATABASE_URL', () => Promise.resolve());
}

function databaseAt(url: string, name: string, stop: () => Promise<void>): Database {
  const open = (use: keyof Pools, part: string, pipelined = false) =>
    openPool(url, { connectionsMax: connections[use], applicationName: `${sessionPrefix}${part}`, pipelined });
  const pools = {
    store: open('store', 'log'),
    vault: open('vault', 'vault'),
    readModels: open('readModels', 'read models', true),
    answers: open('answers', 'answers', true),
  };
  const close = async () => {
    await Promise.all(Object.values(pools).map((pool) => pool.end()));
    await stop();
  };
  return { pools, name, close };
}

/** Starts the embedded database. A data folder that belongs to a log is only used with that log's database. */
async function startOwnDatabase(dataDir: string, kept: LogId | undefined, log: ServerLog): Promise<EmbeddedPostgres> {
  const started = await startEmbeddedPostgres({ dataDir, make: kept === undefined }).catch((failure: unknown) => {
    const none = failure instanceof Failure && failure.code === 'database_not_made';
    throw none && kept !== undefined ? startFailures.log_gone(dataDir, kept) : failure;
  });
  const { home, movedFrom } = started;
  if (movedFrom !== null) log.event('embedded_database_moved', { from: movedFrom, to: home });
  return started;
}

function nameOf({ home, pid }: EmbeddedPostgres, dataDir: string): string {
  const where = dirname(home) === dataDir ? '' : `, in ${home}`;
  return `embedded PostgreSQL (process ${String(pid)})${where}`;
}

/** @throws Failure with the reason why the database of DATABASE_URL cannot be used */
async function checkDatabase(url: string): Promise<void> {
  const unfit = await unfitReason(url).catch((failure: unknown) => {
    const code = errnoOf(failure);
    throw startFailures.database_unreachable(code === 'unknown' ? 'no answer' : code);
  });
  switch (unfit?.kind) {
    case undefined:
      return;
    case 'too_old':
      throw startFailures.database_too_old(unfit.version);
    case 'read_only':
      throw startFailures.database_read_only(unfit.standby);
    case 'sessions_not_kept':
      throw startFailures.database_sessions_not_kept();
    case 'no_second_connection':
      throw startFailures.database_no_second_connection();
  }
}
