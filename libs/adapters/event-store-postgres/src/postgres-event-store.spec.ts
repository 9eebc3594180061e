import { eventStoreContract } from '@ringfence/ports/log/event-store.contract';
import { openPool } from '@ringfence/sql-postgres/pool';
import { openScratchDatabase } from '@ringfence/sql-postgres/scratch-database';
import { PostgresEventStore } from './postgres-event-store.js';

eventStoreContract('PostgreSQL', async () => {
  const database = await openScratchDatabase();
  const outside = openPool(database.url, { connectionsMax: 1 });
  await (await PostgresEventStore.open(outside)).close();
  const pools: ReturnType<typeof openPool>[] = [];
  return {
    open: async () => {
      const pool = openPool(database.url, { connectionsMax: 3, applicationName: 'store' });
      pools.push(pool);
      return PostgresEventStore.open(pool);
    },
    clear: async () => {
      for (const pool of pools.splice(0)) await pool.end();
      await outside.query(
        'truncate log.event, log.stream, log.lane, log.outcome, log.snapshot_head, log.snapshot_piece, log.blob',
      );
      await outside.query('update log.head set next = 0');
    },
    breakConnections: async () => {
      await outside.query(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'store'`);
    },
    close: async () => {
      for (const pool of pools.splice(0)) await pool.end();
      await outside.end();
      await database.close();
    },
  };
});
