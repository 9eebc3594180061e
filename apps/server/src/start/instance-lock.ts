import { readFileSync } from 'node:fs';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '@ringfence/sql-postgres/make-folder';
import { startFailures } from './start-failures.js';

type Holder = { readonly pid: number; readonly began: string };

/** The lock of a data folder, for one process. A killed holder is detected by its process id, even if it was reused. */
export class InstanceLock {
  private constructor(private readonly path: string) {}

  /** @throws Failure `data_dir_locked`, `data_dir_unusable` */
  static async take(dataDir: string): Promise<InstanceLock> {
    const path = join(dataDir, 'lock');
    const own: Holder = { pid: process.pid, began: beginOf(process.pid) ?? '' };
    const draft = `${path}.${String(process.pid)}`;
    try {
      await makeFolder(dataDir);
      await writeFile(draft, JSON.stringify(own), { mode: 0o600 });
    } catch (cause) {
      throw startFailures.data_dir_unusable(dataDir, codeOf(cause));
    }
    try {
      if (await linked(draft, path)) return new InstanceLock(path);
      const holder = await holderOf(path);
      if (holder !== undefined && lives(holder)) throw startFailures.data_dir_locked(dataDir, holder.pid);
      await rm(path, { force: true });
      if (await linked(draft, path)) return new InstanceLock(path);
      throw startFailures.data_dir_locked(dataDir, (await holderOf(path))?.pid ?? 0);
    } finally {
      await rm(draft, { force: true });
    }
  }

  async release(): Promise<void> {
    await rm(this.path, { force: true });
  }
}

/** Creates the lock by a hard link, which is atomic and fails if the name exists: the first of two processes wins. */
async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (failure) {
    if (codeOf(failure) === 'EEXIST') return false;
    throw failure;
  }
}

async function holderOf(path: string): Promise<Holder | undefined> {
  try {
    const found: unknown = JSON.parse(await readFile(path, 'utf8'));
    if (typeof found !== 'object' || found === null || !('pid' in found) || !('began' in found)) return undefined;
    return typeof found.pid === 'number' && typeof found.began === 'string'
      ? { pid: found.pid, began: found.began }
      : undefined;
  } catch {
    return undefined;
  }
}

function lives({ pid, began }: Holder): boolean {
  try {
    process.kill(pid, 0);
  } catch (failure) {
    return codeOf(failure) === 'EPERM';
  }
  const beganNow = beginOf(pid);
  return beganNow === undefined || began === '' || beganNow === began;
}

/**
 * The start of a process, in the kernel's ticks, which distinguishes it from a later one with the same id.
 * @returns undefined: unknown on this system
 */
function beginOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

/** The error's code, found by shape and not by class: a file system error may come from another realm. */
function codeOf(failure: unknown): string {
  if (typeof failure !== 'object' || failure === null || !('code' in failure)) return 'unknown';
  return typeof failure.code === 'string' ? failure.code : 'unknown';
}
