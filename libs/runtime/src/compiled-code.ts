import { lstatSync, mkdirSync } from 'node:fs';
import module from 'node:module';
import { join } from 'node:path';

const folderName = '.ringfence-compiled';
const ownerOnly = 0o700;
const anybodyElse = 0o077;

/**
 * Keeps the compiled form of the code that this process loads, for the next start. It is written by
 * `writeCompiledCode` and when the process exits, and Node.js compares it with the source before use. It is executed,
 * so the folder has to belong to the user of this process and be closed to all others. Otherwise, or if nothing can be
 * written, nothing is kept.
 * @param installation the folder that holds `node_modules`
 * @returns whether compiled code is kept
 */
export function keepCompiledCode(installation: string): boolean {
  const folder = join(installation, 'node_modules', folderName);
  if (!isOwn(folder)) return false;
  const { ENABLED, ALREADY_ENABLED } = module.constants.compileCacheStatus;
  const { status } = module.enableCompileCache(folder);
  return status === ENABLED || status === ALREADY_ENABLED;
}

/** Writes what is kept and was compiled by this process: one that is killed later has written it, too. */
export function writeCompiledCode(): void {
  module.flushCompileCache();
}

function isOwn(folder: string): boolean {
  try {
    mkdirSync(folder, { mode: ownerOnly });
  } catch {
    // It exists already or cannot be made, which is checked below.
  }
  const found = lstatSync(folder, { throwIfNoEntry: false });
  if (found?.isDirectory() !== true) return false;
  // Windows has neither owners nor modes: an installation in a user's own folders is closed to others.
  const user = process.geteuid?.();
  return user === undefined || (found.uid === user && (found.mode & anybodyElse) === 0);
}
