import { firstEventOf } from '@ringfence/event-store-postgres/first-event';
import { findEmbeddedPostgres, startEmbeddedPostgres } from '@ringfence/sql-postgres/embedded-postgres';
import { openPool } from '@ringfence/sql-postgres/pool';
import { cliFailures } from '../failures.js';
import type { Settings } from '../settings.js';

type Pool = ReturnType<typeof openPool>;
type OpenDatabase = { readonly pool: Pool; readonly url: string; readonly close: () => Promise<void> };

/**
 * The database itself: the one of DATABASE_URL, else the embedded one of the data directory. A running one is joined, a stopped one is
 * started for as long as the command takes. Where there is none, none is made unless `make` says so.
 * @throws Failure `database_not_made`, and whatever keeps an embedded PostgreSQL from being started
 */
export async function openDatabase({ databaseUrl, dataDir }: Settings, make = false): Promise<OpenDatabase> {
  const found = databaseUrl ?? (await findEmbeddedPostgres(dataDir));
  if (found !== undefined) return opened(found, () => Promise.resolve());
  const started = await startEmbeddedPostgres({ dataDir, make });
  return opened(started.url, () => started.stop());
}

/**
 * The database, of which it is sure that it holds a log: an event store, and what else keeps tables beside it, would make those that it does not find.
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
  const pool = openPool(url, { applicationName: 'ringfence-cli', connectionsMax: 4 });
  return {
    pool,
    url,
    close: async () => {
      await pool.end();
      await stop();
    },
  };
}
