import { readFile } from 'node:fs/promises';
import type { Pool } from 'pg';

/** One migration at a time, whoever starts first; any number that never changes will do. */
const migrationLock = 7_350_001;

/** Makes the schema `log` where it is missing. Safe to run at every start, by several processes at once. */
export async function migrateLog(pool: Pool): Promise<void> {
  const sql = await readFile(new URL('./log.sql', import.meta.url), 'utf8');
  const client = await pool.connect();
  try {
    await client.query('begin');
    await client.query('select pg_advisory_xact_lock($1)', [migrationLock]);
    await client.query(sql);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => undefined); // the connection may be what failed
    throw error;
  } finally {
    client.release();
  }
}
