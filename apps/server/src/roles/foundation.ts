import { EventFeed } from '@ringfence/event-feed/event-feed';
import { KeyRing } from '@ringfence/runtime/key-ring';
import { RenewedDigests } from '@ringfence/auth/renewed-digests';
import { SecretHasher } from '@ringfence/auth/secret-hasher';
import { logOpenedBy, type OpenedLog, openLog } from '@ringfence/lanes/open-log';
import { SteadyClock } from '@ringfence/lanes/steady-clock';
import { systemTimers } from '@ringfence/runtime/system-timers';
import { firstEventOf } from '@ringfence/event-store-postgres/first-event';
import { PostgresEventStore } from '@ringfence/event-store-postgres/postgres-event-store';
import type { EventStore } from '@ringfence/ports/log/event-store';
import { readLimits } from '@ringfence/http/edge/read-bounds';
import type { GuardedClock } from '@ringfence/kernel/clock';
import { Failure } from '@ringfence/kernel/failure';
import type { IdSource, LogId } from '@ringfence/kernel/ids';
import type { Timers } from '@ringfence/kernel/timers';
import type { Tracing } from '@ringfence/kernel/tracing';
import type { EpochMs, Position } from '@ringfence/kernel/units';
import { ensureOwnTables } from '@ringfence/projections/checkpoints';
import { ProjectionProgress } from '@ringfence/projections/projection-progress';
import type { SqlDatabase } from '@ringfence/ports/sql/sql-database';
import { whyUnfit } from '@ringfence/sql-postgres/database-fitness';
import { errnoOf } from '@ringfence/sql-postgres/embedded-failures';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@ringfence/sql-postgres/embedded-postgres';
import { openPool } from '@ringfence/sql-postgres/pool';
import { PostgresSqlDatabase } from '@ringfence/sql-postgres/postgres-sql-database';
import { PostgresRenewedDigests } from '@ringfence/vault-postgres/renewed-digest-rows';
import { PostgresSubjectVault } from '@ringfence/vault-postgres/postgres-subject-vault';
import { loadOrCreateSecretFile } from '@ringfence/vault-postgres/secret-file';
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import type { Config } from '../config/config.js';
import { configKeys } from '../config/config-keys.js';
import { checkBelongs, keepFolderLog, readFolderLog } from '../start/folder-log.js';
import { type LogSecret, logSecretPath, logSecretText } from '../start/log-secrets.js';
import { startFailures } from '../start/start-failures.js';
import { UlidIds } from '../start/ulid-ids.js';
import type { Metrics } from '../telemetry/metrics.js';
import type { Telemetry } from '../telemetry/telemetry.js';

/**
 * Connections of one process: appends and the log's readers, the vault, read models, and reads that clients ask for. The last have connections of their own:
 * whoever asks for much waits for others who do, and holds up neither commands nor heartbeats nor projections.
 */
const connections = { store: 9, vault: 4, readModels: 16, answers: readLimits.workingMax } as const;

/** What every role stands on: the database and what is kept in it, and the process's own clock and ids. */
export type Foundation = {
  readonly config: Config;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** undefined: nobody wants traces. */
  readonly tracing: Tracing | undefined;
  /** Names this process among the owners of lanes and reactors. */
  readonly owner: string;
  /** What every part of the process takes the time from. */
  readonly clock: GuardedClock;
  readonly timers: Timers;
  readonly ids: IdSource;
  readonly storePool: Pool;
  readonly store: EventStore;
  readonly openedLog: OpenedLog;
  /** The end of the log before this process did anything: what it keeps in memory alone is no older. */
  readonly startPosition: Position;
  readonly vault: PostgresSubjectVault;
  readonly hasher: SecretHasher;
  readonly peppers: Peppers;
  readonly db: SqlDatabase;
  /** The same log and read models, for what clients read. */
  readonly answers: { readonly store: EventStore; readonly db: SqlDatabase };
  readonly progress: ProjectionProgress;
  readonly feed: EventFeed;
  /** Where the data is, for people. */
  readonly database: string;
  readonly stop: () => Promise<void>;
};

/** What keys are digested under, and what was digested anew since. */
export type Peppers = {
  readonly ring: KeyRing;
  readonly renewals: RenewedDigests;
  readonly store: PostgresRenewedDigests;
};

/** Opens the database, starting the embedded one if there is no other. @throws Failure, one line for people */
export async function openInfrastructure(
  config: Config,
  log: Logger,
  { metrics, tracing }: Telemetry,
): Promise<Foundation> {
  const kept = await readFolderLog(config.dataDir);
  const embedded = config.databaseUrl === null ? await startOwnDatabase(config.dataDir, kept, log) : null;
  const url = embedded?.url ?? config.databaseUrl ?? '';
  if (embedded === null) await checkDatabase(url);
  const pools = openPools(url);
  const close = async () => {
    await pools.end();
    await embedded?.stop();
  };
  try {
    const { masterKeys, peppers: pepperRing } = await secretsFor(config, kept, pools.store);
    const ids = new UlidIds();
    const clock = new SteadyClock({ now: () => Date.now() as EpochMs }, systemTimers, (news) => {
      metrics.clockNews(news);
    });
    const owner = `${hostname()}:${String(process.pid)}:${randomBytes(4).toString('hex')}`;
    const [store, vault, peppers] = await Promise.all([
      PostgresEventStore.open(pools.store),
      PostgresSubjectVault.open({ pool: pools.vault, masterKeys, ids, timers: systemTimers }),
      openPeppers(pools.vault, pepperRing, log),
    ]);
    const startPosition = await store.head();
    const openedLog = await openLog(store, { clock, ids, owner });
    if (kept === undefined) await keepFolderLog(config.dataDir, openedLog.logId);
    const db = new PostgresSqlDatabase(pools.readModels);
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
      storePool: pools.store,
      store,
      openedLog,
      startPosition,
      vault,
      hasher: new SecretHasher(peppers.ring, peppers.renewals),
      peppers,
      db,
      answers: { store: PostgresEventStore.reading(pools.answers), db: new PostgresSqlDatabase(pools.answers) },
      progress: new ProjectionProgress(db),
      feed,
      database: nameOf(embedded, config.dataDir),
      stop: async () => {
        following.abort();
        await followed;
        await store.close();
        await close();
      },
    };
  } catch (failure) {
    await close();
    throw failure;
  }
}

/** Each use of the database has connections of its own, so that none takes them from another. */
function openPools(url: string) {
  const open = (connectionsMax: number, part: string) =>
    openPool(url, { connectionsMax, applicationName: `ringfence ${part}` });
  const pools = {
    store: open(connections.store, 'log'),
    vault: open(connections.vault, 'vault'),
    readModels: open(connections.readModels, 'read models'),
    answers: open(connections.answers, 'answers'),
  };
  const end = async () => {
    await Promise.all(Object.values(pools).map((pool) => pool.end()));
  };
  return { ...pools, end };
}

async function openPeppers(pool: Pool, ring: KeyRing, log: Logger): Promise<Peppers> {
  const store = await PostgresRenewedDigests.open(pool);
  const known = await store.load(ring.all.map(({ id }) => id));
  const renewals = new RenewedDigests(known, store, (failure) => {
    log.warn({ err: failure }, 'a key could not be digested anew; it is tried again when it is next shown');
  });
  return { ring, renewals, store };
}

/** The embedded database; where the folder belongs to a log it is that one's, or none. */
async function startOwnDatabase(dataDir: string, kept: LogId | undefined, log: Logger): Promise<EmbeddedPostgres> {
  const started = await startEmbeddedPostgres({ dataDir, make: kept === undefined }).catch((failure: unknown) => {
    const none = failure instanceof Failure && failure.code === 'database_not_made';
    throw none && kept !== undefined ? startFailures.log_gone(dataDir, kept) : failure;
  });
  const { home, movedFrom } = started;
  if (movedFrom !== null) log.warn({ from: movedFrom, to: home }, 'the embedded database was moved to where its server may reach it'); // prettier-ignore
  return started;
}

function nameOf(embedded: EmbeddedPostgres | null, dataDir: string): string {
  if (embedded === null) return 'PostgreSQL of DATABASE_URL';
  const where = dirname(embedded.home) === dataDir ? '' : `, in ${embedded.home}`;
  return `embedded PostgreSQL (process ${String(embedded.pid)})${where}`;
}

/** Before anything is written: to a database that is another folder's, or into a folder whose secrets are gone. */
async function secretsFor(config: Config, kept: LogId | undefined, pool: Pool) {
  const first = await firstEventOf(pool);
  const found = first === undefined ? undefined : logOpenedBy(first).logId;
  checkBelongs(config.dataDir, kept, found);
  const [masterKeys, peppers] = await Promise.all([
    logSecretRing(config, 'masterKey', found),
    logSecretRing(config, 'pepper', found),
  ]);
  return { masterKeys, peppers };
}

async function logSecretRing(config: Config, which: LogSecret, log: LogId | undefined): Promise<KeyRing> {
  const text = config[which];
  if (text !== null) return KeyRing.parse(text, configKeys[which].name);
  return KeyRing.parse(await logSecretText(config.dataDir, which, log), logSecretPath(config.dataDir, which));
}

/** A ring of secrets from the configuration, or of one that a development file holds. */
export async function secretRing(text: string | null, name: string, dataDir: string, file: string): Promise<KeyRing> {
  if (text !== null) return KeyRing.parse(text, name);
  const path = join(dataDir, file);
  return KeyRing.parse(await loadOrCreateSecretFile(path, file), path);
}

/** @throws Failure that says what is wrong with the database of DATABASE_URL */
async function checkDatabase(url: string): Promise<void> {
  const unfit = await whyUnfit(url).catch((failure: unknown) => {
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
