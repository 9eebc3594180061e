import { syncFolder } from '@ringfence/sql-postgres/kept-file';
import { unavailable } from '@ringfence/sql-postgres/pool';
import { withClient } from '@ringfence/sql-postgres/held-client';
import { makeFolder, removeEmptyFolders } from '@ringfence/sql-postgres/make-folder';
import { open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { constants, createGzip } from 'node:zlib';
import type { ClientBase, Pool } from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { backupFailures } from './backup-failures.js';
import { type BackedUpTable, type Manifest, manifestName, writeManifest } from './manifest.js';
import { Measured } from './measured.js';
import { copyTarget, type FoundTable, tablesOf } from './tables.js';

export type LogIdentity = Pick<Manifest, 'logId' | 'head' | 'masterKeyIds'>;
type BackupOptions = {
  /** A new or an empty folder. */
  readonly folder: string;
  /** Schemas to back up, with all of their tables. */
  readonly schemas: readonly string[];
  /** Reads the log's identity, within the snapshot. */
  readonly identify: (client: ClientBase) => Promise<LogIdentity>;
  /** Runs when all rows are on disk, before the backup is complete: what it writes belongs to the backup. */
  readonly beforeWhole: (identity: LogIdentity) => Promise<void>;
  readonly onTable: (table: BackedUpTable) => void;
};

/**
 * Writes a consistent snapshot of the database into a folder while others go on writing: everything is read in one
 * repeatable-read transaction, by COPY, and streamed. The manifest is written last, so that a folder without one is no
 * backup. A failed backup leaves nothing behind.
 * @throws Failure `backup_folder_not_empty`, `backup_folder_unusable`, `backup_disk_full`, `database_unavailable`
 * (retryable), and what `identify` and `beforeWhole` throw
 */
export async function makeBackup(pool: Pool, options: BackupOptions): Promise<Manifest> {
  const { folder } = options;
  const made = await takeFolder(folder);
  try {
    return await withClient(pool, (client) => writeBackup(client, options));
  } catch (failure) {
    for (const name of await readdir(folder).catch(() => [])) await rm(join(folder, name), { force: true });
    if (made !== undefined) await removeEmptyFolders(folder, made);
    throw unavailable('database_unavailable', failure);
  }
}

/** @returns the topmost folder that was created for it; undefined: the folder existed */
async function takeFolder(folder: string): Promise<string | undefined> {
  try {
    const made = await makeFolder(folder);
    const found = await readdir(folder);
    if (found.length > 0)
      throw backupFailures.folder_not_empty(
        folder,
        !found.includes(manifestName) && found.some((name) => name.endsWith(fileEnd)),
      );
    return made;
  } catch (cause) {
    throw ofDisk(folder, cause);
  }
}

async function writeBackup(client: ClientBase, options: BackupOptions): Promise<Manifest> {
  const { folder, schemas, identify, beforeWhole, onTable } = options;
  await client.query('begin transaction isolation level repeatable read, read only');
  // A backup takes as long as it needs, whatever the database's limits for others are.
  await client.query(
    `select set_config(name, '0', true) from pg_catalog.pg_settings
     where name in ('statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout')`,
  );
  const { rows } = await client.query<{ made_at: Date; postgres: string }>(
    `select now() as made_at, current_setting('server_version') as postgres`,
  );
  const [moment] = rows;
  if (moment === undefined) throw new RangeError('a select without from answers one row');
  const identity = await identify(client);
  const tables: BackedUpTable[] = [];
  for (const table of await tablesOf(client, schemas)) {
    const written = await writeTable(client, folder, fileNameOf(table, tables.length), table);
    tables.push(written);
    onTable(written);
  }
  await client.query('commit');
  await onDisk(folder, () => syncFolder(folder));
  await beforeWhole(identity);
  const { made_at: madeAt, postgres } = moment;
  const manifest: Manifest = { format: 1, madeAt: madeAt.toISOString(), postgres, ...identity, tables };
  await onDisk(folder, () => writeManifest(folder, manifest));
  return manifest;
}

const fileEnd = '.copy.gz';

/** Makes a file name for a table from letters that every file system accepts; the number keeps names unique. */
function fileNameOf({ schema, name }: FoundTable, number: number): string {
  return `${String(number).padStart(2, '0')}.${`${schema}.${name}`.replaceAll(/[^A-Za-z0-9_.]/g, '_')}${fileEnd}`;
}

async function writeTable(client: ClientBase, folder: string, name: string, table: FoundTable): Promise<BackedUpTable> {
  const file = await onDisk(folder, () => open(join(folder, name), 'wx', 0o600));
  try {
    const rows = client.query(copyTo(`copy ${copyTarget(table)} to stdout (format binary)`));
    const measured = new Measured();
    const compressing = createGzip({ level: constants.Z_BEST_SPEED });
    await pipeline(rows, compressing, measured, async (compressed: AsyncIterable<Buffer>) => {
      for await (const chunk of compressed) await onDisk(folder, () => file.appendFile(chunk));
    });
    await onDisk(folder, () => file.sync());
    return { ...table, file: name, rows: rows.rowCount, bytes: measured.bytes, sha256: measured.sha256() };
  } finally {
    await file.close();
  }
}

/** Distinguishes errors of the disk from those of the database: both arrive as system errors. */
async function onDisk<Result>(folder: string, work: () => Promise<Result>): Promise<Result> {
  return work().catch((cause: unknown): never => {
    throw ofDisk(folder, cause);
  });
}

/** Recognises file-system errors by shape, not class: in tests they come from another realm. */
function ofDisk(folder: string, cause: unknown): unknown {
  if (typeof cause !== 'object' || cause === null || !('code' in cause) || !('syscall' in cause)) return cause;
  const isFull = cause.code === 'ENOSPC' || cause.code === 'EDQUOT' || cause.code === 'EFBIG';
  return isFull ? backupFailures.disk_full(folder, cause) : backupFailures.folder_unusable(folder, cause);
}
