import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type LogId, parseLogId } from '@ringfence/kernel/ids';
import { errnoOf } from '@ringfence/sql-postgres/embedded-failures';
import { keepFile } from '@ringfence/sql-postgres/kept-file';
import { startFailures } from './start-failures.js';

const file = 'log-id';

/**
 * The log that a data folder belongs to; undefined: none yet, or a release that did not record it used the folder.
 * @throws Failure `log_id_unreadable`
 */
export async function readFolderLog(dataDir: string): Promise<LogId | undefined> {
  const path = join(dataDir, file);
  const text = await readFile(path, 'utf8').catch((failure: unknown) => {
    if (errnoOf(failure) === 'ENOENT') return undefined;
    throw startFailures.log_id_unreadable(path, errnoOf(failure));
  });
  if (text === undefined) return undefined;
  const logId = parseLogId(text.trim());
  if (logId === undefined) throw startFailures.log_id_unreadable(path, 'it holds no id of a log');
  return logId;
}

/** Records which log the folder, with its secrets and its database, belongs to. */
export async function keepFolderLog(dataDir: string, logId: LogId): Promise<void> {
  await keepFile(join(dataDir, file), `${logId}\n`, 0o600);
}

/** @param found the log in the database; undefined: none. @throws Failure `log_of_another_folder`, `log_gone` */
export function checkBelongs(dataDir: string, kept: LogId | undefined, found: LogId | undefined): void {
  if (kept === undefined || kept === found) return;
  if (found === undefined) throw startFailures.log_gone(dataDir, kept);
  throw startFailures.log_of_another_folder(dataDir, kept, found);
}
