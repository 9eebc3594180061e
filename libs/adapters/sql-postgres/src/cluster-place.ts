import { createHash } from 'node:crypto';
import { chmod, chown, lstat, readdir, readFile, realpath, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { getuid } from 'node:process';
import { embeddedFailures, errnoOf } from './embedded-failures.js';
import { keepFile } from './kept-file.js';
import { makeFolder } from './make-folder.js';
import type { Launcher, ServerUser } from './server-user.js';

/**
 * Location of a data folder's cluster: in `<data folder>/postgres`, or, if root starts it and the folder is below one
 * that only root may enter, in `/var/lib/ringfence/<name after the data folder>/postgres`, recorded in `<data
 * folder>/postgres.place`.
 */
export const rootPlaces = '/var/lib/ringfence';
const pointerName = 'postgres.place';
const ownerName = 'data-folder';
const homeName = 'postgres';
const draftPrefix = `${homeName}.new-`;

/** `topDir`: the topmost folder that is Ringfence's alone, often the data folder itself; both absolute. */
export type DataFolder = { readonly dataDir: string; readonly topDir: string };

export const clusterIn = (home: string): string => join(home, 'data');
export const secretFileOf = (dataDir: string): string => join(dataDir, 'postgres.secret');
export const draftIn = (folder: string, tag: string): string => join(folder, `${draftPrefix}${tag}`);
export const homeIn = (folder: string): string => join(folder, homeName);

/**
 * Finds the folder with the cluster of this data folder, without changing anything. undefined: it has none, and never
 * had a complete one.
 * @throws Failure `database_lost`, `database_twice`, `database_unreadable`
 */
export async function findHome(dataDir: string): Promise<string | undefined> {
  const inside = homeIn(dataDir);
  const pointed = await readPointer(dataDir);
  const known = pointed ?? (getuid?.() === 0 ? homeIn(await placeOf(dataDir)) : undefined);
  const [insideThere, elsewhere] = await Promise.all([isThere(inside), known !== undefined && isThere(known)]);
  if (pointed !== undefined && insideThere && elsewhere) throw embeddedFailures.database_twice(inside, pointed);
  if (insideThere) return inside; // also after an interrupted move
  if (elsewhere) return known;
  // An interrupted first start leaves its draft; any other sign of a cluster that is not there means that it was
  // removed.
  const drafts = await draftsIn([dataDir, ...(known === undefined ? [] : [dirname(known)])]);
  if (drafts.length > 0) return undefined;
  if (pointed !== undefined) throw embeddedFailures.database_lost(pointed, join(dataDir, pointerName));
  if (await isThere(secretFileOf(dataDir))) throw embeddedFailures.database_lost(inside, secretFileOf(dataDir));
  return undefined;
}

/** @throws Failure `database_not_whole`, `database_unreadable` */
export async function checkWhole(home: string): Promise<void> {
  const owner = await stat(clusterIn(home)).then(
    ({ uid }) => uid,
    () => undefined,
  );
  for (const file of ['PG_VERSION', 'global/pg_control']) {
    const path = join(clusterIn(home), file);
    const size = await sizeOf(path).catch((failure: unknown) => {
      throw embeddedFailures.database_unreadable(path, errnoOf(failure), owner);
    });
    if (size === 0) throw embeddedFailures.database_not_whole(home, path);
  }
}

/** Returns the owner of a cluster's files; undefined: root, who cannot run it, or there is no cluster yet. */
export async function ownerOf(home: string | undefined): Promise<ServerUser | undefined> {
  if (home === undefined) return undefined;
  const found = await stat(clusterIn(home)).catch(() => undefined);
  return found === undefined || found.uid === 0 ? undefined : { uid: found.uid, gid: found.gid };
}

/**
 * Returns the folder for this data folder's cluster: the data folder itself, or one outside. Afterwards it exists, and
 * the server's user can enter it.
 * @throws Failure `place_unusable`, `database_shut`
 */
export async function folderFor({ dataDir, topDir }: DataFolder, launcher: Launcher): Promise<string> {
  if (launcher.user === null) return dataDir;
  if (topDir !== dataDir) await grantPassage(topDir, launcher);
  if (await grantPassage(dataDir, launcher)) return dataDir;
  const place = await placeOf(dataDir);
  try {
    await makeFolder(rootPlaces, 0o755);
    await makeFolder(place);
  } catch (failure) {
    throw embeddedFailures.place_unusable(place, errnoOf(failure));
  }
  if (!(await grantPassage(place, launcher))) throw embeddedFailures.database_shut(place, launcher.user.uid);
  return place;
}

/**
 * Permits only the server's group to pass through a folder that only root may enter; its contents stay as private as
 * they are.
 * @returns whether the user can pass
 */
async function grantPassage(folder: string, { user, reaches }: Launcher): Promise<boolean> {
  if (user === null || (await reaches(folder))) return true;
  const found = await stat(folder);
  if (found.uid !== 0 || (found.mode & 0o077) !== 0 || !(await reaches(dirname(folder)))) return false;
  await chown(folder, 0, user.gid);
  await chmod(folder, 0o710);
  return reaches(folder);
}

/** Records in the data folder where its cluster is, and there whose it is. */
export async function writePointer(dataDir: string, home: string): Promise<void> {
  await keepFile(join(dirname(home), ownerName), `${await realpath(dataDir)}\n`, 0o600);
  await keepFile(join(dataDir, pointerName), `${home}\n`, 0o600);
}

/**
 * Claims the cluster for this data folder: a moved data folder keeps its cluster; of a copied one, the original keeps
 * it.
 * @throws Failure `database_shared`
 */
export async function claim(dataDir: string, home: string): Promise<void> {
  if (home === homeIn(dataDir)) return;
  const owner = await readFile(join(dirname(home), ownerName), 'utf8').then(
    (text) => text.trim(),
    () => undefined,
  );
  const own = await realpath(dataDir);
  if (owner === own && (await readPointer(dataDir)) === home) return;
  if (owner !== undefined && owner !== own && (await readPointer(owner)) === home)
    throw embeddedFailures.database_shared(home, owner);
  await writePointer(dataDir, home);
}

/**
 * Options of a removal that is retried: an initdb whose starter was killed may still write while it finds its folder.
 */
const removeOptions = { recursive: true, force: true, maxRetries: 20, retryDelay: 100 };

/** Removes what interrupted first starts and moves have left: no server ever ran on it. */
export async function removeDrafts(folders: readonly string[]): Promise<void> {
  for (const draft of await draftsIn(folders)) await rm(draft, removeOptions);
}

/** Names the place after the data folder, so that it is found even if the pointer is lost. */
export async function placeOf(dataDir: string): Promise<string> {
  const path = await realpath(dataDir).catch(() => dataDir);
  const name = `${basename(dirname(path))}-${basename(path)}`.replaceAll(/[^A-Za-z0-9]+/g, '-').replace(/^-/, '');
  const digest = createHash('sha256').update(path).digest('hex').slice(0, 12);
  return join(rootPlaces, `${name.slice(0, 30)}-${digest}`);
}

async function draftsIn(folders: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(
    folders.map(async (folder) => (await readdir(folder).catch(() => [])).map((name) => join(folder, name))),
  );
  return found.flat().filter((path) => basename(path).startsWith(draftPrefix));
}

async function readPointer(dataDir: string): Promise<string | undefined> {
  const path = join(dataDir, pointerName);
  const text = await readFile(path, 'utf8').catch((failure: unknown) => {
    if (['ENOENT', 'ENOTDIR'].includes(errnoOf(failure))) return undefined;
    throw embeddedFailures.database_unreadable(path, errnoOf(failure), undefined);
  });
  if (text === undefined) return undefined;
  // An empty pointer says nothing, but does not make the data folder a new one.
  return text.trim() === '' ? homeIn(await placeOf(dataDir)) : text.trim();
}

/** @throws Failure `database_unreadable`: a path that may not be examined may well exist */
async function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    (failure: unknown) => {
      if (['ENOENT', 'ENOTDIR'].includes(errnoOf(failure))) return false;
      throw embeddedFailures.database_unreadable(path, errnoOf(failure), undefined);
    },
  );
}

async function sizeOf(path: string): Promise<number> {
  return readFile(path).then(
    ({ length }) => length,
    (failure: unknown) => {
      if (['ENOENT', 'ENOTDIR'].includes(errnoOf(failure))) return 0;
      throw failure;
    },
  );
}
