import type { EventStore } from '@ringfence/event-store/event-store';
import { eventStoreContract } from '@ringfence/event-store/event-store.contract';
import { openPool } from '@ringfence/sql-postgres/pool';
import { openScratchDatabase } from '@ringfence/sql-postgres/scratch-database';
import type { Pool } from 'pg';
import { PostgresEventStore } from './postgres-event-store.js';

const connectionsMax = 4;

/** Closes its pool with it, as a process that ends does. */
async function openStore(url: string): Promise<EventStore> {
  const pool = openPool(url, { connectionsMax });
  const store = await PostgresEventStore.open(pool);
  const close = store.close.bind(store);
  store.close = async () => {
    await close();
    await pool.end();
  };
  return store;
}

eventStoreContract('PostgreSQL', async () => {
  const scratch = await openScratchDatabase();
  const admin: Pool = openPool(scratch.url, { connectionsMax: 1 });
  return {
    open: () => openStore(scratch.url),
    breakConnections: async () => {
      await admin.query(
        'select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname = current_database()',
      );
    },
    close: async () => {
      await admin.end();
      await scratch.close();
    },
  };
});
