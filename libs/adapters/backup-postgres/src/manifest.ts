import { createHash } from 'node:crypto';
import { open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { backupFailures } from './backup-failures.js';
import { syncFolder } from '@ringfence/sql-postgres/kept-file';

/** A column with the database's name and type, for instance `bigint` or `text`. */
export type BackedUpColumn = { readonly name: string; readonly type: string };
export type BackedUpTable = {
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly BackedUpColumn[];
  /**
   * Name of the file in the backup's folder, with the table's rows in PostgreSQL's binary COPY format, compressed by
   * gzip.
   */
  readonly file: string;
  readonly rows: number;
  /** Size of the file as it is stored. */
  readonly bytes: number;
  readonly sha256: string;
};
export type Manifest = {
  readonly format: 1;
  readonly madeAt: string;
  /** Id of the log. */
  readonly logId: string;
  /** Events in the log. */
  readonly head: number;
  /** `server_version` of the database. */
  readonly postgres: string;
  /** Names of the master keys without which the vault in the backup cannot be read. */
  readonly masterKeyIds: readonly string[];
  readonly tables: readonly BackedUpTable[];
};

export const manifestName = 'manifest.json';
/** The largest manifest: it names tables, not rows, so a larger file is none of ours. */
const manifestBytesMax = 1_048_576;

/**
 * Writes the manifest, which completes the backup, after everything that it names is on disk. It gets its name only
 * when it is complete.
 */
export async function writeManifest(folder: string, manifest: Manifest): Promise<void> {
  const draft = join(folder, `${manifestName}.new`);
  const text = JSON.stringify(manifest, null, 2);
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(`${JSON.stringify({ sha256: sha256Of(text), manifest: text })}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, join(folder, manifestName));
  await syncFolder(folder);
}

/** @throws Failure `backup_incomplete`, `backup_damaged`, `backup_of_other_release` */
export async function readManifest(folder: string): Promise<Manifest> {
  const found = await readFile(join(folder, manifestName)).catch(() => undefined);
  if (found === undefined) throw backupFailures.incomplete(folder, `there is no ${manifestName}`);
  if (found.length > manifestBytesMax) throw backupFailures.damaged(folder, `${manifestName} is too large`);
  const wrapped = parsed(found.toString('utf8'));
  if (
    !isRecord(wrapped) ||
    typeof wrapped['manifest'] !== 'string' ||
    wrapped['sha256'] !== sha256Of(wrapped['manifest'])
  )
    throw backupFailures.damaged(folder, `${manifestName} does not match its checksum`);
  const manifest = parsed(wrapped['manifest']);
  if (isRecord(manifest) && manifest['format'] !== 1)
    throw backupFailures.of_other_release(`its format is ${String(manifest['format'])}, this release reads 1`);
  if (!isManifest(manifest)) throw backupFailures.damaged(folder, `${manifestName} lacks something`);
  return manifest;
}

function sha256Of(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isManifest(value: unknown): value is Manifest {
  if (!isRecord(value)) return false;
  const { format, madeAt, logId, head, postgres, masterKeyIds, tables } = value;
  return (
    format === 1 &&
    [madeAt, logId, postgres].every((each) => typeof each === 'string') &&
    isCount(head) &&
    Array.isArray(masterKeyIds) &&
    masterKeyIds.every((each) => typeof each === 'string') &&
    Array.isArray(tables) &&
    tables.every(isTable)
  );
}

function isTable(value: unknown): value is BackedUpTable {
  if (!isRecord(value)) return false;
  const { schema, name, columns, file, rows, bytes, sha256 } = value;
  return (
    [schema, name].every((each) => typeof each === 'string') &&
    typeof file === 'string' &&
    /^[A-Za-z0-9_.-]+$/.test(file) &&
    isCount(rows) &&
    isCount(bytes) &&
    typeof sha256 === 'string' &&
    Array.isArray(columns) &&
    columns.every((each) => isRecord(each) && typeof each['name'] === 'string' && typeof each['type'] === 'string')
  );
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
