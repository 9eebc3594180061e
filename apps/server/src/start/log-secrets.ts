import { join } from 'node:path';
import type { LogId } from '@ringfence/kernel/ids';
import { loadOrCreateSecretFile, readSecretFile } from '@ringfence/vault-postgres/secret-file';
import { configKeys } from '../config/config-keys.js';
import { startFailures } from './start-failures.js';

/** Secrets without which a log is lost. They are created before their log, never for an existing one. */
const logSecrets = {
  masterKey: { file: 'master-key', holds: 'whose personal values are encrypted under it' },
  pepper: { file: 'pepper', holds: 'whose API keys are digested with it' },
} as const;
export type LogSecret = keyof typeof logSecrets;

/** The path of a secret's development file. */
export const logSecretPath = (dataDir: string, which: LogSecret): string => join(dataDir, logSecrets[which].file);

/**
 * Reads a secret's development file.
 * @param log the log in the database; undefined: there is none, and a missing file is created
 * @throws Failure `log_secret_missing`, `secret_file_exposed`, `secret_file_unreadable`
 */
export async function logSecretText(dataDir: string, which: LogSecret, log: LogId | undefined): Promise<string> {
  const path = logSecretPath(dataDir, which);
  if (log === undefined) return loadOrCreateSecretFile(path, logSecrets[which].file);
  const text = await readSecretFile(path);
  if (text === undefined)
    throw startFailures.log_secret_missing(path, configKeys[which].name, log, logSecrets[which].holds);
  return text;
}
