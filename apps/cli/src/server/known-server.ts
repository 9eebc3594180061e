import { join } from 'node:path';
import { readCredentials, rootOf } from '../login/credentials.js';
import type { Settings } from '../settings.js';
import type { KeyHolder } from '../shell.js';
import { isAnswer } from './json-reading.js';
import { jsonFile, secretFile } from './server-file.js';

const defaultUrl = 'http://127.0.0.1:7350';
/** Files of the data directory, written at the first start. */
const keyFiles: Readonly<Record<KeyHolder, string>> = { operator: 'admin-key', account: 'sandbox-key' };

type KnownServer = {
  readonly url: string;
  /** The stored key for this server; undefined: there is none. @throws Failure as `readCredentials` */
  readonly keyFor: (as: KeyHolder) => Promise<string | undefined>;
};

/**
 * Finds the server: the one named, else a running one recorded in the data directory, else that of the last login, else
 * the default. The keys of the data directory are presented only to the data directory's own server.
 */
export async function serverOf(
  named: string | undefined,
  { dataDir, credentialsFile }: Pick<Settings, 'dataDir' | 'credentialsFile'>,
): Promise<KnownServer> {
  const noted = await jsonFile(join(dataDir, 'server.json'));
  const own = isAnswer(noted) && typeof noted['url'] === 'string' ? noted['url'] : undefined;
  const url = named ?? own ?? (await readCredentials(credentialsFile)).current ?? defaultUrl;
  return {
    url,
    keyFor: async (as) => {
      const isOwn = own !== undefined && rootOf(url) === rootOf(own);
      const kept = isOwn ? await secretFile(join(dataDir, keyFiles[as])) : undefined;
      return kept ?? (await readCredentials(credentialsFile)).apiKeys.get(rootOf(url));
    },
  };
}
