import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  clusterIn,
  type DataFolder,
  draftIn,
  folderFor,
  homeIn,
  removeDrafts,
  secretFileOf,
  writePointer,
} from './cluster-place.js';
import { embeddedFailures } from './embedded-failures.js';
import { syncFolder } from './kept-file.js';
import { makeFolder } from './make-folder.js';
import { writeSecret } from './postgres-secret.js';
import type { Launcher } from './server-user.js';

const run = promisify(execFile);

/**
 * Creates a cluster where there is none: beside its place, and renamed when it is complete, so that a folder of that
 * name is always a cluster.
 * @param durable whether all of it is synced to disk before it gets its name
 * @returns its home
 * @throws Failure `embedded_postgres_initdb`, `place_unusable`, `database_shut`
 */
export async function makeCluster(
  dataFolder: DataFolder,
  initdb: string,
  launcher: Launcher,
  durable: boolean,
): Promise<string> {
  const { dataDir } = dataFolder;
  await makeFolder(dataDir);
  const folder = await folderFor(dataFolder, launcher);
  await removeDrafts([dataDir, folder]);
  const draft = draftIn(folder, randomBytes(6).toString('hex'));
  try {
    const password = randomBytes(24).toString('base64url');
    await fill(draft, initdb, launcher, password, durable);
    await writeSecret(secretFileOf(dataDir), password);
    if (folder !== dataDir) await writePointer(dataDir, homeIn(folder));
    await rename(draft, homeIn(folder));
    await syncFolder(folder);
  } catch (failure) {
    await rm(draft, { recursive: true, force: true });
    throw failure;
  }
  return homeIn(folder);
}

/** Fills the home, which stays ours: root writes nothing where the server's user could have placed a link. */
async function fill(
  draft: string,
  initdb: string,
  { prefix, user }: Launcher,
  password: string,
  durable: boolean,
): Promise<void> {
  const [cluster, passwordFile] = [clusterIn(draft), join(draft, 'password')];
  await mkdir(draft, { mode: 0o700 });
  await mkdir(cluster, { mode: 0o700 });
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (user !== null) {
    for (const path of [cluster, passwordFile]) await chown(path, user.uid, user.gid);
    await chown(draft, 0, user.gid);
    await chmod(draft, 0o710);
  }
  const login = ['-U', 'ringfence', '-A', 'scram-sha-256', '--pwfile', passwordFile];
  const text = ['-E', 'UTF8', '--locale', 'C'];
  const [command = initdb, ...rest] = [...prefix, initdb, '-D', cluster, ...login, ...text, ...(durable ? [] : ['-N'])];
  await run(command, rest, { cwd: '/' }).catch((cause: unknown) => {
    throw embeddedFailures.embedded_postgres_initdb(cause instanceof Error ? cause.message : '', cause);
  });
  await rm(passwordFile);
}
