import { randomBytes } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { makeFolder } from '@ringfence/sql-postgres/make-folder';

const file = 'member';
const randomBytesCount = 9;
const made = /^[A-Za-z0-9_-]{12}$/;
const hostCharactersMax = 60;

/**
 * The name of this process in the consumer groups of its cluster. Kept in the data folder, which one process owns, so
 * that it survives restarts. Includes the host, so that a folder copied to another machine does not duplicate the name.
 */
export async function memberName(dataDir: string): Promise<string> {
  const host = hostname().replaceAll(/[^A-Za-z0-9.-]/g, '_').slice(0, hostCharactersMax); // prettier-ignore
  return `${host}.${await keptName(dataDir)}`;
}

async function keptName(dataDir: string): Promise<string> {
  const path = join(dataDir, file);
  const found = await readFile(path, 'utf8').catch(() => '');
  if (made.test(found.trim())) return found.trim();
  const name = randomBytes(randomBytesCount).toString('base64url');
  await makeFolder(dataDir);
  await writeFile(`${path}.new`, `${name}\n`, { mode: 0o600 });
  await rename(`${path}.new`, path);
  return name;
}
