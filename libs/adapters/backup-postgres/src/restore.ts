import { isUnavailable, sqlStateOf, unavailable } from '@ringfence/sql-postgres/pool';
import { withClient } from '@ringfence/sql-postgres/held-client';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type { ClientBase, Pool } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { backupFailures } from './backup-failures.js';
import { type BackedUpTable, type Manifest, readManifest } from './manifest.js';
import { Measured } from './measured.js';
import { anyTables, copyTarget, type FoundTable, quoted, tablesOf } from './tables.js';

type RestoreOptions<Result> = {
  readonly folder: string;
  readonly schemas: readonly string[];
  /** Creates this release's schemas, empty, within the transaction. */
  readonly createSchemas: (client: ClientBase) => Promise<void>;
  /**
   * Checks the restored rows and applies later erasures, within the transaction, before it commits. An error undoes all
   * of it.
   */
  readonly beforeCommit: (client: ClientBase, manifest: Manifest) => Promise<Result>;
  readonly onTable: (table: BackedUpTable) => void;
};

/**
 * Restores a backup into an empty database in one transaction: all of it, or nothing. May be repeated after a failure
 * or a kill.
 * @throws Failure `backup_incomplete`, `backup_damaged`, `backup_of_other_release`, `database_not_empty`,
 * `database_disk_full`, `database_unavailable` (retryable), and what `beforeCommit` throws
 */
export async function restoreBackup<Result>(pool: Pool, options: RestoreOptions<Result>): Promise<Result> {
  const { folder } = options;
  const manifest = await readManifest(folder);
  await checkSizes(folder, manifest);
  try {
    // A failed transaction is rolled back when its connection ends.
    return await withClient(pool, async (client) => {
      await client.query('begin');
      const result = await restoreWithin(client, manifest, options);
      await client.query('commit');
      return result;
    });
  } catch (failure) {
    if (sqlStateOf(failure) === '53100') throw backupFailures.database_full(failure);
    throw isUnavailable(failure) ? unavailable('database_unavailable', failure) : failure;
  }
}

/** Finds a truncated copy before the database is touched. */
async function checkSizes(folder: string, { tables }: Manifest): Promise<void> {
  for (const { file, bytes } of tables) {
    const found = await stat(join(folder, file)).catch(() => undefined);
    if (found === undefined) throw backupFailures.incomplete(folder, `${file} is missing`);
    if (found.size !== bytes)
      throw backupFailures.incomplete(folder, `${file} has ${String(found.size)} of ${String(bytes)} bytes`);
  }
}

async function restoreWithin<Result>(
  client: ClientBase,
  manifest: Manifest,
  { folder, schemas, createSchemas, beforeCommit, onTable }: RestoreOptions<Result>,
): Promise<Result> {
  const found = await anyTables(client);
  if (found.length > 0) throw backupFailures.database_not_empty(found);
  await createSchemas(client);
  const ours = await tablesOf(client, schemas);
  for (const table of manifest.tables) checkColumns(table, ours);
  for (const table of manifest.tables) {
    await readTable(client, folder, table);
    onTable(table);
  }
  return beforeCommit(client, manifest);
}

function checkColumns(table: BackedUpTable, ours: readonly FoundTable[]): void {
  const name = `${table.schema}.${table.name}`;
  const known = ours.find((each) => each.schema === table.schema && each.name === table.name);
  if (known === undefined) throw backupFailures.of_other_release(`it has a table ${name}, which is unknown here`);
  const other = table.columns.find(
    (column) => !known.columns.some((each) => each.name === column.name && each.type === column.type),
  );
  if (other !== undefined)
    throw backupFailures.of_other_release(`${name} has a column ${other.name} ${other.type}, which is unknown here`);
}

async function readTable(client: ClientBase, folder: string, table: BackedUpTable): Promise<void> {
  const measured = new Measured();
  // A schema may come with rows of its own. And frozen rows, which only this transaction can see, need no later vacuum.
  await client.query(`truncate ${quoted(table.schema)}.${quoted(table.name)}`);
  const rows = client.query(copyFrom(`copy ${copyTarget(table)} from stdin (format binary, freeze)`));
  try {
    await pipeline(createReadStream(join(folder, table.file)), measured, createGunzip(), rows);
  } catch (failure) {
    if (isUnavailable(failure)) throw failure;
    throw backupFailures.damaged(folder, `${table.file} cannot be read`);
  }
  if (measured.sha256() !== table.sha256)
    throw backupFailures.damaged(folder, `${table.file} does not match its checksum`);
  if (rows.rowCount !== table.rows)
    throw backupFailures.damaged(folder, `${table.file} has ${String(rows.rowCount)} of ${String(table.rows)} rows`);
}
