import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { withClient } from '@ringfence/sql-postgres/held-client';
import type { ClientBase, Pool, PoolClient } from 'pg';

/** Lock that permits one migration at a time; any fixed number. */
const migrationLock = 7_350_001;

/**
 * Brings the schema `log` to this release's state. Safe to run at every start, by several processes at once, while
 * others append.
 */
export async function migrateLog(pool: Pool): Promise<void> {
  const { sql, digest: wanted } = await schemaText();
  await withClient(pool, async (client) => {
    // A start that changes nothing takes no lock that would delay others.
    if ((await madeBy(client)) === wanted) return;
    await client.query('begin');
    await client.query('select pg_advisory_xact_lock($1)', [migrationLock]);
    if ((await madeBy(client)) !== wanted) await migrate(client, sql, wanted);
    await client.query('commit');
  });
}

/** Creates the schema `log`, empty, in a database that has none, within the caller's transaction. */
export async function createLogSchema(client: ClientBase): Promise<void> {
  const { sql, digest } = await schemaText();
  await client.query('select pg_advisory_xact_lock($1)', [migrationLock]);
  await migrate(client, sql, digest);
}

async function schemaText(): Promise<{ readonly sql: string; readonly digest: string }> {
  const sql = await readFile(new URL('./log.sql', import.meta.url), 'utf8');
  return { sql, digest: createHash('sha256').update(sql).digest('hex') };
}

/** Returns the digest of the text that created the schema; null: there is none. */
async function madeBy(client: PoolClient): Promise<string | null> {
  const { rows } = await client.query<{ text: string | null }>(
    `select obj_description(to_regnamespace('log'), 'pg_namespace') as text`,
  );
  return rows[0]?.text ?? null;
}

async function migrate(client: ClientBase, sql: string, digest: string): Promise<void> {
  const { rows } = await client.query<{ there: boolean }>(`select to_regclass('log.head') is not null as there`);
  // Locks in the order of an append: the head first. Running appends end; later ones wait here without holding a lock.
  if (rows[0]?.there === true) await client.query('lock table log.head in access exclusive mode');
  await client.query(sql);
  // A comment takes no parameters; a digest needs no quoting.
  await client.query(`comment on schema log is '${digest}'`);
}
