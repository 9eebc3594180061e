import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isAnswer } from './json-reading.js';

const defaultUrl = 'http://127.0.0.1:7350';

/** Where a server is: as told, else as the one with this data directory has written down, else the default. */
export async function serverUrl(told: string | undefined, dataDir: string): Promise<string> {
  if (told !== undefined) return told;
  const noted = await jsonFile(join(dataDir, 'server.json'));
  const url = isAnswer(noted) ? noted['url'] : undefined;
  return typeof url === 'string' ? url : defaultUrl;
}

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
