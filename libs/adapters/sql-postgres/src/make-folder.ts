import { mkdir, rmdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { errnoOf } from './embedded-failures.js';

/**
 * Makes a folder and those above it that are missing. `mkdir`'s own recursion never ends inside a folder that permits
 * no new ones, such as /proc.
 * @param mode of the created folders; default: accessible only to this user
 * @returns the topmost folder that it made; undefined: all existed
 * @throws the system's error, with its code
 */
export async function makeFolder(folder: string, mode = 0o700): Promise<string | undefined> {
  const path = resolve(folder);
  try {
    return await makeOne(path, mode);
  } catch (failure) {
    if (errnoOf(failure) !== 'ENOENT' || dirname(path) === path) throw failure;
    const above = await makeFolder(dirname(path), mode);
    const made = await makeOne(path, mode);
    return above ?? made;
  }
}

async function makeOne(path: string, mode: number): Promise<string | undefined> {
  try {
    await mkdir(path, { mode });
    return path;
  } catch (failure) {
    if ((await stat(path).catch(() => undefined))?.isDirectory() === true) return undefined;
    throw failure;
  }
}

/** Removes empty folders from `folder` up to `top`, the one that `makeFolder` returned. */
export async function removeEmptyFolders(folder: string, top: string): Promise<void> {
  const path = resolve(folder);
  await rmdir(path).catch(() => undefined);
  if (path !== top && path.startsWith(top)) await removeEmptyFolders(dirname(path), top);
}
