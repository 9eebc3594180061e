import { readFile } from 'node:fs/promises';
import { embeddedFailures, errnoOf } from './embedded-failures.js';
import { keepFile } from './kept-file.js';

const made = /^[A-Za-z0-9_-]{32}$/;

/**
 * Reads the password of an existing cluster.
 * @throws Failure `postgres_secret_missing`, `postgres_secret_wrong`, `database_unreadable`
 */
export async function readSecret(path: string, home: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((failure: unknown) => {
    if (errnoOf(failure) === 'ENOENT') throw embeddedFailures.postgres_secret_missing(path, home);
    throw embeddedFailures.database_unreadable(path, errnoOf(failure), undefined);
  });
  if (!made.test(text.trim())) throw embeddedFailures.postgres_secret_wrong(path, home);
  return text.trim();
}

export async function writeSecret(path: string, password: string): Promise<void> {
  await keepFile(path, password, 0o600);
}
