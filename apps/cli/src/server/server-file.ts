import { readFile, stat } from 'node:fs/promises';

/** A JSON file's value; undefined where there is none that can be read. */
export async function jsonFile(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/** A secret's file, only if nobody but its owner may read it. */
export async function secretFile(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || (found.mode & 0o077) !== 0) return undefined;
  return (await readFile(path, 'utf8')).trim();
}
