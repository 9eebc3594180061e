import { firstEventOf } from '@ringfence/event-store-postgres/first-event';
import { findEmbeddedPostgres, startEmbeddedPostgres } from '@ringfence/sql-postgres/embedded-postgres';
import { openPool, sessionPrefix } from '@ringfence/sql-postgres/pool';
import { cliFailures } from '../failures.js';
import type { Settings } from '../settings.js';

type Pool = ReturnType<typeof openPool>;
type OpenDatabase = { readonly pool: Pool; readonly url: string; readonly close: () => Promise<void> };

/**
 * The database of DATABASE_URL, else the embedded one of the data directory. Joins a running database and starts a
 * stopped one for the duration of the command. Creates one only if `make` is set.
 * @throws Failure `database_not_made`, and the failures of starting an embedded PostgreSQL
 */
export async function openDatabase({ databaseUrl, dataDir }: Settings, make = false): Promise<OpenDatabase> {
  const found = databaseUrl ?? (await findEmbeddedPostgres(dataDir));
  if (found !== undefined) return opened(found, () => Promise.resolve());
  const started = await startEmbeddedPostgres({ dataDir, make });
  return opened(started.url, () => started.stop());
}

/**
 * The database, after a check that it holds a log: the event store and other parts would create the tables that they do
 * not find.
 * @throws Failure `log_missing`, and as `openDatabase`
 */
export async function openLogDatabase(settings: Settings): Promise<OpenDatabase> {
  const database = await openDatabase(settings);
  try {
    if ((await firstEventOf(database.pool)) === undefined) throw cliFailures.log_missing();
    return database;
  } catch (failure) {
    await database.close();
    throw failure;
  }
}

function opened(url: string, stop: () => Promise<void>): OpenDatabase {
  const pool = openPool(url, { applicationName: `${sessionPrefix}cli`, connectionsMax: 4 });
  return {
    pool,
    url,
    close: async () => {
      await pool.end();
      await stop();
    },
  };
}
