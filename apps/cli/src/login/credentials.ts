import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolder } from '@ringfence/sql-postgres/make-folder';
import { cliFailures } from '../failures.js';
import { isAnswer } from '../server/json-reading.js';

/** Keys kept by `ringfence login`, one for each server, and the server of the last login. */
type Credentials = {
  readonly current: string | undefined;
  /** Keys by the root of their server. */
  readonly apiKeys: ReadonlyMap<string, string>;
};

/** A server's root, in the form under which its key is stored. The address of the API names the same server. */
export function rootOf(url: string): string {
  return url.replace(/(?:\/api\/v1)?\/*$/, '');
}

/**
 * Reads the stored keys; empty if there is no file.
 * @throws Failure `credentials_exposed` (others may read it), `credentials_unreadable`
 */
export async function readCredentials(path: string): Promise<Credentials> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return { current: undefined, apiKeys: new Map() };
  if ((found.mode & 0o077) !== 0) throw cliFailures.credentials_exposed(path);
  const kept: unknown = await readFile(path, 'utf8')
    .then((text): unknown => JSON.parse(text))
    .catch(() => undefined);
  if (!isAnswer(kept) || !isAnswer(kept['api_keys'])) throw cliFailures.credentials_unreadable(path);
  const { current, api_keys: keys } = kept;
  const texts = Object.entries(keys).filter((pair): pair is [string, string] => typeof pair[1] === 'string');
  return { current: typeof current === 'string' ? current : undefined, apiKeys: new Map(texts) };
}

/** Replaces the whole file; only its owner may read it. Removes the file when there are no keys. */
export async function writeCredentials(path: string, { current, apiKeys }: Credentials): Promise<void> {
  if (apiKeys.size === 0) {
    await rm(path, { force: true });
    return;
  }
  await makeFolder(dirname(path));
  const text = `${JSON.stringify({ current, api_keys: Object.fromEntries(apiKeys) }, undefined, 2)}\n`;
  const fresh = `${path}.${String(process.pid)}`;
  await writeFile(fresh, text, { mode: 0o600, flag: 'wx' });
  await rename(fresh, path);
}
