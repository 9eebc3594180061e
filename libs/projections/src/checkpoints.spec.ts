import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { openPool } from '@ringfence/sql-postgres/pool';
import { PostgresSqlDatabase } from '@ringfence/sql-postgres/postgres-sql-database';
import { openScratchDatabase, type ScratchDatabase } from '@ringfence/sql-postgres/scratch-database';
import type { Pool } from 'pg';
import { ensureOwnTables } from './checkpoints.js';

const processes = Array.from({ length: 4 });
let scratch: ScratchDatabase;
let pool: Pool;
let db: PostgresSqlDatabase;

beforeAll(async () => {
  scratch = await openScratchDatabase();
  pool = openPool(scratch.url, { connectionsMax: processes.length });
  db = new PostgresSqlDatabase(pool);
});
afterAll(async () => {
  await pool.end();
  await scratch.close();
});

it('processes that find a database empty at the same time all get the tables, though each has seen them missing', async () => {
  await Promise.all(processes.map(() => ensureOwnTables(db)));
  await db.query('drop schema projection cascade');
  // Sessions remember what is missing until they hear otherwise, and waiting for a lock is no such moment.
  await Promise.all(processes.map(() => db.query(`select to_regnamespace('projection'), pg_sleep(0.2)`)));
  await Promise.all(processes.map(() => ensureOwnTables(db)));
  expect(await db.query(`select to_regclass('projection.checkpoint') is not null as made`)).toEqual([{ made: true }]);
});
