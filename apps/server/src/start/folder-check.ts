import { randomBytes } from 'node:crypto';
import { link, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf } from '@ringfence/sql-postgres/embedded-failures';
import { makeFolder, removeEmptyFolders } from '@ringfence/sql-postgres/make-folder';
import { startFailures } from './start-failures.js';

const privateFolder = 0o700;

/**
 * Tries the operations that the server needs in the data folder: private files and folders, hard links (for the lock),
 * renaming, syncing. Removes its test files, and a folder that it created but cannot use.
 * @returns removes a created folder that is still empty, for a start that fails
 * @throws Failure `data_dir_unusable`
 */
export async function checkFolder(dataDir: string): Promise<() => Promise<void>> {
  let made: string | undefined;
  const unmake = async () => {
    if (made !== undefined) await removeEmptyFolders(dataDir, made);
  };
  try {
    made = await makeFolder(dataDir);
    await tryOut(join(dataDir, `.try-${randomBytes(6).toString('hex')}`));
    return unmake;
  } catch (failure) {
    await unmake();
    throw startFailures.data_dir_unusable(dataDir, reasonOf(failure));
  }
}

async function tryOut(folder: string): Promise<void> {
  try {
    await mkdir(folder, { mode: privateFolder });
    const { mode } = await stat(folder);
    if ((mode & 0o777) !== privateFolder && process.platform !== 'win32')
      throw new Unkept('its file system keeps no permissions: everybody could read the secrets');
    const [file, other, last] = ['file', 'other', 'last'].map((name) => join(folder, name)) as [string, string, string];
    const opened = await open(file, 'wx', 0o600);
    try {
      await opened.writeFile('tried out');
      await opened.sync();
    } finally {
      await opened.close();
    }
    await link(file, other).catch((failure: unknown) => {
      throw new Unkept(`its file system has no hard links: ${errnoOf(failure)}`);
    });
    await rename(other, last);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** An operation that the file system accepts silently without carrying it out. */
class Unkept extends Error {}

const reasons: Readonly<Record<string, string>> = {
  EROFS: 'its file system is read-only',
  ENOSPC: 'its file system is full',
  EDQUOT: 'its quota is used up',
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  ENOTDIR: 'a file is in the way',
  EEXIST: 'a file is in the way',
};

function reasonOf(failure: unknown): string {
  if (failure instanceof Unkept) return failure.message;
  const code = errnoOf(failure);
  return reasons[code] === undefined ? code : `${reasons[code]}: ${code}`;
}
