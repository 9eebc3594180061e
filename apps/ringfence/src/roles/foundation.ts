import { EventFeed } from '@ringfence/application/feed/event-feed';
import { KeyRing } from '@ringfence/application/auth/key-ring';
import { SecretHasher } from '@ringfence/application/auth/secret-hasher';
import { type OpenedLog, openLog } from '@ringfence/application/bootstrap/open-log';
import { systemTimers } from '@ringfence/application/lane/system-timers';
import { PostgresEventStore } from '@ringfence/event-store-postgres/postgres-event-store';
import type { EventStore } from '@ringfence/event-store/event-store';
import { readLimits } from '@ringfence/http/edge/read-bounds';
import type { Clock } from '@ringfence/kernel/clock';
import type { IdSource } from '@ringfence/kernel/ids';
import type { Timers } from '@ringfence/kernel/timers';
import type { Tracing } from '@ringfence/kernel/tracing';
import type { EpochMs, Position } from '@ringfence/kernel/units';
import { ensureOwnTables } from '@ringfence/projections/checkpoints';
import { ProjectionProgress } from '@ringfence/projections/projection-progress';
import type { SqlDatabase } from '@ringfence/projections/sql-database';
import { startEmbeddedPostgres } from '@ringfence/sql-postgres/embedded-postgres';
import { openPool } from '@ringfence/sql-postgres/pool';
import { PostgresSqlDatabase } from '@ringfence/sql-postgres/postgres-sql-database';
import { PostgresSubjectVault } from '@ringfence/vault-postgres/postgres-subject-vault';
import { loadOrCreateSecretFile } from '@ringfence/vault-postgres/secret-file';
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import type { Config } from '../config/config.js';
import { startFailures } from '../start/start-failures.js';
import { UlidIds } from '../start/ulid-ids.js';
import type { Metrics } from '../telemetry/metrics.js';
import type { Telemetry } from '../telemetry/telemetry.js';

/**
 * Connections of one process: appends and the log's readers, the vault, read models, and reads that clients ask for. The last have connections of their own:
 * whoever asks for much waits for others who do, and holds up neither commands nor heartbeats nor projections.
 */
const connections = { store: 8, vault: 4, readModels: 16, answers: readLimits.workingMax } as const;
const postgresVersionMin = 150_000;

/** What every role stands on: the database and what is kept in it, and the process's own clock and ids. */
export type Foundation = {
  readonly config: Config;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** undefined: nobody wants traces. */
  readonly tracing: Tracing | undefined;
  /** Names this process among the owners of lanes and reactors. */
  readonly owner: string;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly ids: IdSource;
  readonly storePool: Pool;
  readonly store: EventStore;
  readonly openedLog: OpenedLog;
  /** The end of the log before this process did anything: what it keeps in memory alone is no older. */
  readonly begunAt: Position;
  readonly vault: PostgresSubjectVault;
  readonly hasher: SecretHasher;
  readonly db: SqlDatabase;
  /** The same log and read models, for what clients read. */
  readonly answers: { readonly store: EventStore; readonly db: SqlDatabase };
  readonly progress: ProjectionProgress;
  readonly feed: EventFeed;
  /** Where the data is, for people. */
  readonly database: string;
  readonly stop: () => Promise<void>;
};

/** Opens the database, starting the embedded one if there is no other. @throws Failure, one line for people */
export async function layFoundation(config: Config, log: Logger, { metrics, tracing }: Telemetry): Promise<Foundation> {
  const [embedded, masterKeys, peppers] = await Promise.all([
    config.databaseUrl === null ? startEmbeddedPostgres({ dataDir: config.dataDir }) : null,
    secretRing(config.masterKey, 'RINGFENCE_MASTER_KEY', config.dataDir, 'master-key'),
    secretRing(config.pepper, 'RINGFENCE_PEPPER', config.dataDir, 'pepper'),
  ]);
  const url = embedded?.url ?? config.databaseUrl ?? '';
  const open = (connectionsMax: number, part: string) =>
    openPool(url, { connectionsMax, applicationName: `ringfence ${part}` });
  const storePool = open(connections.store, 'log');
  const vaultPool = open(connections.vault, 'vault');
  const readPool = open(connections.readModels, 'read models');
  const answersPool = open(connections.answers, 'answers');
  const closePools = async () => {
    await Promise.all([storePool, vaultPool, readPool, answersPool].map((pool) => pool.end()));
    await embedded?.stop();
  };
  try {
    if (embedded === null) await checkVersion(storePool);
    const ids = new UlidIds();
    const clock: Clock = { now: () => Date.now() as EpochMs };
    const owner = `${hostname()}:${String(process.pid)}:${randomBytes(4).toString('hex')}`;
    const [store, vault] = await Promise.all([
      PostgresEventStore.open(storePool),
      PostgresSubjectVault.open({ pool: vaultPool, masterKeys, ids, timers: systemTimers }),
    ]);
    const begunAt = await store.head();
    const openedLog = await openLog(store, { clock, ids, owner });
    const db = new PostgresSqlDatabase(readPool);
    // Also where nothing is projected: how far the projections are is asked here too.
    await ensureOwnTables(db);
    const feed = new EventFeed(store, clock, (failure) => {
      log.warn({ err: failure }, 'the log could not be followed');
    });
    const following = new AbortController();
    const followed = feed.run(following.signal);
    return {
      config,
      log,
      metrics,
      tracing,
      owner,
      clock,
      timers: systemTimers,
      ids,
      storePool,
      store,
      openedLog,
      begunAt,
      vault,
      hasher: new SecretHasher(peppers),
      db,
      answers: { store: PostgresEventStore.reading(answersPool), db: new PostgresSqlDatabase(answersPool) },
      progress: new ProjectionProgress(db),
      feed,
      database:
        embedded === null ? 'PostgreSQL of DATABASE_URL' : `embedded PostgreSQL (process ${String(embedded.pid)})`,
      stop: async () => {
        following.abort();
        await followed;
        await store.close();
        await closePools();
      },
    };
  } catch (failure) {
    await closePools();
    throw failure;
  }
}

/** A ring of secrets from the configuration, or of one that a development file holds. */
export async function secretRing(text: string | null, name: string, dataDir: string, file: string): Promise<KeyRing> {
  return KeyRing.parse(text ?? (await loadOrCreateSecretFile(join(dataDir, file), file)), name);
}

async function checkVersion(pool: Pool): Promise<void> {
  const { rows } = await pool
    .query<{ server_version_num: string; server_version: string }>(
      `select current_setting('server_version_num') as server_version_num, current_setting('server_version') as server_version`,
    )
    .catch((failure: unknown) => {
      const why =
        failure instanceof Error && 'code' in failure && typeof failure.code === 'string' ? failure.code : 'no answer';
      throw startFailures.database_unreachable(why);
    });
  const [row] = rows;
  if (row === undefined || Number(row.server_version_num) < postgresVersionMin)
    throw startFailures.database_too_old(row?.server_version ?? 'unknown');
}
