import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { type DataFolder, draftIn, folderFor, homeIn, writePointer } from './cluster-place.js';
import { embeddedFailures, errnoOf } from './embedded-failures.js';
import { syncFolder } from './kept-file.js';
import type { Launcher } from './server-user.js';

const run = promisify(execFile);

export type Moved = { readonly home: string; /** null: it was where it is */ readonly from: string | null };

/**
 * Moves a cluster, on which no server runs, to a place that the server's user can enter. The pointer is written first,
 * and is ignored while its target does not exist: whenever the move is interrupted, the cluster is complete at exactly
 * one of the two places.
 * @throws Failure `database_shut`, `place_unusable`
 */
export async function moveWhereItMayPass(dataFolder: DataFolder, home: string, launcher: Launcher): Promise<Moved> {
  const { dataDir } = dataFolder;
  const stays = { home, from: null };
  if (launcher.user === null || (await launcher.reaches(home))) return stays;
  if (home !== homeIn(dataDir)) throw embeddedFailures.database_shut(home, launcher.user.uid);
  const folder = await folderFor(dataFolder, launcher);
  if (folder === dataDir) return stays;
  const target = homeIn(folder);
  await writePointer(dataDir, target);
  await rename(home, target).catch((failure: unknown) => {
    if (errnoOf(failure) !== 'EXDEV') throw failure;
    return copyAcross(home, target, dataDir);
  });
  await Promise.all([syncFolder(folder), syncFolder(dataDir)]);
  return { home: target, from: home };
}

/** Copies to another file system. The old files stay, under another name: the operator may delete them. */
async function copyAcross(home: string, target: string, dataDir: string): Promise<void> {
  const draft = draftIn(dirname(target), randomBytes(6).toString('hex'));
  try {
    await run('cp', ['-a', '--', home, draft]);
    await run('sync', ['-f', draft]);
    await rename(draft, target);
  } catch (failure) {
    await rm(draft, { recursive: true, force: true });
    throw failure;
  }
  await rename(home, join(dataDir, 'postgres.moved'));
}
