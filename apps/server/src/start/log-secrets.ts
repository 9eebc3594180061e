import { join } from 'node:path';
import type { LogId } from '@ringfence/kernel/ids';
import { loadOrCreateSecretFile, readSecretFile } from '@ringfence/vault-postgres/secret-file';
import { configKeys } from '../config/config-keys.js';
import { startFailures } from './start-failures.js';

/** Without these what a log holds can never be used again: they are made before it, and never after it. */
const logSecrets = {
  masterKey: { file: 'master-key', holds: 'whose personal values are encrypted under it' },
  pepper: { file: 'pepper', holds: 'whose API keys are digested with it' },
} as const;
export type LogSecret = keyof typeof logSecrets;

/** Where the development file of such a secret lies. */
export const logSecretPath = (dataDir: string, which: LogSecret): string => join(dataDir, logSecrets[which].file);

/**
 * The text of its development file.
 * @param log the one that the database holds; undefined: none, and the file is made where it is missing
 * @throws Failure `log_secret_missing`, `secret_file_exposed`, `secret_file_unreadable`
 */
export async function logSecretText(dataDir: string, which: LogSecret, log: LogId | undefined): Promise<string> {
  const path = logSecretPath(dataDir, which);
  if (log === undefined) return loadOrCreateSecretFile(path, logSecrets[which].file);
  const text = await readSecretFile(path);
  if (text === undefined) throw startFailures.log_secret_missing(path, configKeys[which].name, log, logSecrets[which].holds); // prettier-ignore
  return text;
}
