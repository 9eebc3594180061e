import { join } from 'node:path';
import { logOpenedBy } from '@ringfence/lanes/open-log';
import { firstEventOf } from '@ringfence/event-store-postgres/first-event';
import type { LogId } from '@ringfence/kernel/ids';
import { KeyRing } from '@ringfence/runtime/key-ring';
import { loadOrCreateSecretFile } from '@ringfence/vault-postgres/secret-file';
import type { Pool } from 'pg';
import type { Config } from '../config/config.js';
import { configKeys } from '../config/config-keys.js';
import { checkBelongs } from '../start/folder-log.js';
import { type LogSecret, logSecretPath, logSecretText } from '../start/log-secrets.js';

/** The secrets without which a log cannot be used. */
type LogSecrets = { readonly masterKeys: KeyRing; readonly peppers: KeyRing };

/**
 * Reads the secrets of the log in the database before anything is written, so that neither another folder's database
 * nor a folder without its secrets is written to.
 * @param kept the log that the data folder belongs to; undefined: none yet
 */
export async function logSecretsFor(config: Config, kept: LogId | undefined, pool: Pool): Promise<LogSecrets> {
  const first = await firstEventOf(pool);
  const found = first === undefined ? undefined : logOpenedBy(first).logId;
  checkBelongs(config.dataDir, kept, found);
  const [masterKeys, peppers] = await Promise.all([
    logSecretRing(config, 'masterKey', found),
    logSecretRing(config, 'pepper', found),
  ]);
  return { masterKeys, peppers };
}

/** Parses a ring of secrets from the configuration, else from a development file, which is created if missing. */
export async function secretRing(text: string | null, name: string, dataDir: string, file: string): Promise<KeyRing> {
  if (text !== null) return KeyRing.parse(text, name);
  const path = join(dataDir, file);
  return KeyRing.parse(await loadOrCreateSecretFile(path, file), path);
}

async function logSecretRing(config: Config, which: LogSecret, log: LogId | undefined): Promise<KeyRing> {
  const text = config[which];
  if (text !== null) return KeyRing.parse(text, configKeys[which].name);
  return KeyRing.parse(await logSecretText(config.dataDir, which, log), logSecretPath(config.dataDir, which));
}
