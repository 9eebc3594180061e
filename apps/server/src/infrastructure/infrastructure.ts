import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { EventFeed } from '@ringfence/event-feed/event-feed';
import { RenewedDigests } from '@ringfence/auth/renewed-digests';
import { SecretHasher } from '@ringfence/auth/secret-hasher';
import { type OpenedLog, openOrCreateLog } from '@ringfence/lanes/open-log';
import { SteadyClock } from '@ringfence/lanes/steady-clock';
import { PostgresLogSegments } from '@ringfence/event-store-postgres/log-segments';
import { PostgresEventStore } from '@ringfence/event-store-postgres/postgres-event-store';
import type { EventStore } from '@ringfence/ports/log/event-store';
import type { LogSegments } from '@ringfence/ports/log/log-segments';
import type { GuardedClock } from '@ringfence/kernel/clock';
import type { IdSource } from '@ringfence/kernel/ids';
import type { Timers } from '@ringfence/kernel/timers';
import type { EpochMs, Position } from '@ringfence/kernel/units';
import { ensureOwnTables } from '@ringfence/projections/checkpoints';
import { ProjectionProgress } from '@ringfence/projections/projection-progress';
import type { SqlDatabase } from '@ringfence/ports/sql/sql-database';
import type { KeyRing } from '@ringfence/runtime/key-ring';
import { systemTimers } from '@ringfence/runtime/system-timers';
import { Pipeline } from '@ringfence/sql-postgres/pipeline';
import { PostgresNotifications } from '@ringfence/sql-postgres/postgres-notifications';
import { PostgresSqlDatabase } from '@ringfence/sql-postgres/postgres-sql-database';
import { PostgresRenewedDigests } from '@ringfence/vault-postgres/renewed-digest-rows';
import { PostgresSubjectVault } from '@ringfence/vault-postgres/postgres-subject-vault';
import type { Pool } from 'pg';
import { roleNames } from '../config/config-keys.js';
import type { Config } from '../config/config.js';
import { keepFolderLog, readFolderLog } from '../start/folder-log.js';
import { UlidIds } from '../start/ulid-ids.js';
import type { Metrics } from '../telemetry/metrics.js';
import type { ServerLog } from '../telemetry/server-log.js';
import { type Database, openServerDatabase } from './database.js';
import { logSecretsFor } from './secrets.js';

/** The database with its contents, and the process's clock and ids. */
export type Infrastructure = {
  /** Names this process among the owners of lanes, reactors and duties. */
  readonly owner: string;
  /** The clock that every part of the process uses. */
  readonly clock: GuardedClock;
  readonly timers: Timers;
  readonly ids: IdSource;
  readonly storePool: Pool;
  readonly store: EventStore;
  readonly segments: LogSegments;
  readonly openedLog: OpenedLog;
  /** The end of the log before this process started: state kept only in memory begins here. */
  readonly startPosition: Position;
  readonly vault: PostgresSubjectVault;
  readonly hasher: SecretHasher;
  readonly peppers: Peppers;
  readonly db: SqlDatabase;
  /** The same log and read models, over the connections for client reads. */
  readonly answers: { readonly store: EventStore; readonly db: SqlDatabase };
  readonly progress: ProjectionProgress;
  readonly feed: EventFeed;
  /** The location of the data, for people. */
  readonly database: string;
  readonly stop: () => Promise<void>;
};

/** The peppers of digests, and which digests were renewed since they were first made. */
type Peppers = {
  readonly ring: KeyRing;
  readonly renewals: RenewedDigests;
  readonly store: PostgresRenewedDigests;
};

/** Opens the database, or starts the embedded one if none is set, and its log. @throws Failure, one line for people */
export async function openInfrastructure(config: Config, log: ServerLog, metrics: Metrics): Promise<Infrastructure> {
  const kept = await readFolderLog(config.dataDir);
  const database = await openServerDatabase(config, kept, log);
  try {
    const { masterKeys, peppers: pepperRing } = await logSecretsFor(config, kept, database.pools.store);
    const ids = new UlidIds();
    const clock = new SteadyClock({ now: () => Date.now() as EpochMs }, systemTimers, (news) => {
      metrics.clockNews(news);
    });
    const owner = `${hostname()}:${String(process.pid)}:${randomBytes(4).toString('hex')}`;
    const [store, vault, peppers] = await Promise.all([
      PostgresEventStore.open(database.pools.store, { announces: hasOtherReaders(config) }),
      PostgresSubjectVault.open({ pool: database.pools.vault, masterKeys, ids, timers: systemTimers }),
      openPeppers(database.pools.vault, pepperRing, log),
    ]);
    const startPosition = await store.head();
    const openedLog = await openOrCreateLog(store, { clock, ids, owner });
    if (kept === undefined) await keepFolderLog(config.dataDir, openedLog.logId);
    const others = hasOtherReaders(config)
      ? new PostgresNotifications(database.pools.readModels, awaitedReadModels)
      : undefined;
    const read = await openReads(database, store, clock, log, others);
    const stop = async () => {
      await read.stop();
      await store.close();
      await database.close();
    };
    const { db, answers, progress, feed } = read;
    const hasher = new SecretHasher(peppers.ring, peppers.renewals);
    const own = { owner, clock, timers: systemTimers, ids };
    const segments = new PostgresLogSegments(database.pools.store);
    const logParts = {
      storePool: database.pools.store,
      store,
      segments,
      openedLog,
      startPosition,
      vault,
      hasher,
      peppers,
    };
    return { ...own, ...logParts, db, answers, progress, feed, database: database.name, stop };
  } catch (failure) {
    await database.close();
    throw failure;
  }
}

/** Channel on which readers name the read models that they wait for. */
const awaitedReadModels = 'ringfence_awaited';

/** Says whether other processes follow this one's log: none does where one process has every role. */
function hasOtherReaders({ kafka, roles }: Config): boolean {
  return kafka !== null || roles.size < roleNames.length;
}

/** Opens the read models, and follows the log for readers in this process. */
async function openReads(
  { pools }: Database,
  store: EventStore,
  clock: GuardedClock,
  log: ServerLog,
  others: PostgresNotifications | undefined,
) {
  const db = new PostgresSqlDatabase(pools.readModels);
  // Also in a process that projects nothing: it is asked for the projections' progress too.
  await ensureOwnTables(db);
  const feed = new EventFeed(store, clock, (failure) => {
    log.event('log_follow_error', { err: failure });
  });
  const following = new AbortController();
  const followed = feed.run(following.signal);
  const stop = async () => {
    following.abort();
    await followed;
    await others?.close();
  };
  const pipeline = new Pipeline(pools.answers);
  const answers = {
    store: PostgresEventStore.reading(pools.answers, pipeline),
    db: new PostgresSqlDatabase(pools.answers, pipeline),
  };
  return { db, answers, progress: new ProjectionProgress(db, others), feed, stop };
}

async function openPeppers(pool: Pool, ring: KeyRing, log: ServerLog): Promise<Peppers> {
  const store = await PostgresRenewedDigests.open(pool);
  const known = await store.load(ring.all.map(({ id }) => id));
  const renewals = new RenewedDigests(known, store, (failure) => {
    log.event('key_digest_not_renewed', { err: failure });
  });
  return { ring, renewals, store };
}
