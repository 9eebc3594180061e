import { open, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { KeyRing } from '@ringfence/runtime/key-ring';
import { syncFolder } from '@ringfence/sql-postgres/kept-file';
import { keepSecretFile, readSecretFile } from '@ringfence/vault-postgres/secret-file';
import { cliFailures } from '../failures.js';
import { isAnswer } from '../server/json-reading.js';
import {
  type ServerKeyName,
  serverKeyNames,
  serverKeySettings,
  type ServerKeyTexts,
  type Settings,
} from '../settings.js';

/** Short enough to remember; a shorter passphrase can be found by brute force. */
const passphraseLengthMin = 12;
const keysFileBytesMax = 65_536;

/** Reads the secrets that the server would use: each from the environment, else from its file in the data directory. */
export async function findServerKeys({ serverKeys, dataDir }: Settings): Promise<ServerKeyTexts> {
  const found = await Promise.all(
    serverKeyNames.map(
      async (name) => [name, serverKeys[name] ?? (await readSecretFile(join(dataDir, name)))] as const,
    ),
  );
  return Object.fromEntries(found.filter(([, text]) => text !== undefined));
}

/** The ring of this name that the server would use. @throws Failure `server_key_missing` */
export async function ringOf(settings: Settings, name: ServerKeyName): Promise<string> {
  const { [name]: text } = await findServerKeys(settings);
  if (text === undefined) throw cliFailures.server_key_missing(name, serverKeySettings[name]);
  return text;
}

/**
 * Writes the secrets into a new file in the age format, encrypted to a passphrase: `age --decrypt FILE` opens it too.
 * @throws Failure `server_key_missing` where the master key or the pepper is not found, `keys_file_exists`,
 *   `passphrase_short`
 */
export async function writeKeysFile(
  path: string,
  passphrase: string,
  logId: string,
  keys: ServerKeyTexts,
): Promise<void> {
  for (const name of ['master-key', 'pepper'] as const) {
    if (keys[name] === undefined) throw cliFailures.server_key_missing(name, serverKeySettings[name]);
  }
  if (passphrase.length < passphraseLengthMin) throw cliFailures.passphrase_short(passphraseLengthMin);
  const { Encrypter } = await import('age-encryption');
  const encrypter = new Encrypter();
  encrypter.setPassphrase(passphrase);
  const bytes = await encrypter.encrypt(JSON.stringify({ format: 1, log_id: logId, keys }));
  const file = await open(path, 'wx', 0o600).catch((cause: unknown) => {
    throw cliFailures.keys_file_unwritable(path, cause);
  });
  try {
    await file.writeFile(bytes);
    await file.sync();
  } catch (failure) {
    await rm(path, { force: true });
    throw failure;
  } finally {
    await file.close();
  }
  await syncFolder(dirname(path));
}

/** @throws Failure `keys_file_unreadable`, `keys_file_of_other_log` */
export async function readKeysFile(path: string, passphrase: string, logId: string): Promise<ServerKeyTexts> {
  const bytes = await readFile(path).catch(() => undefined);
  if (bytes === undefined || bytes.length > keysFileBytesMax)
    throw cliFailures.keys_file_unreadable(path, 'there is no such file of keys');
  const { Decrypter } = await import('age-encryption');
  const decrypter = new Decrypter();
  decrypter.addPassphrase(passphrase);
  const text = await decrypter.decrypt(bytes, 'text').catch((): never => {
    throw cliFailures.keys_file_unreadable(path, 'it does not open with this passphrase, or was changed');
  });
  const found: unknown = JSON.parse(text);
  if (!isAnswer(found) || found['format'] !== 1 || !isAnswer(found['keys']))
    throw cliFailures.keys_file_unreadable(path, 'it was written by another release');
  if (found['log_id'] !== logId) throw cliFailures.keys_file_of_other_log(path);
  const { keys } = found;
  return Object.fromEntries(
    serverKeyNames.flatMap((name) => {
      const ring = keys[name];
      if (typeof ring !== 'string') return [];
      KeyRing.parse(ring, name);
      return [[name, ring]];
    }),
  );
}

/** Writes the secrets into the data directory. @throws Failure `secret_file_differs` where a file has another secret */
export async function keepServerKeys(dataDir: string, keys: ServerKeyTexts): Promise<void> {
  for (const name of serverKeyNames) {
    const text = keys[name];
    if (text !== undefined) await keepSecretFile(join(dataDir, name), text);
  }
}

/** Refuses a passphrase without a key file. @throws Failure `usage` */
export function checkKeyOptions({
  keys,
  passphraseFile,
}: {
  readonly keys?: string;
  readonly passphraseFile?: string;
}): void {
  if (keys === undefined && passphraseFile !== undefined)
    throw cliFailures.usage('--passphrase-file opens the file that --keys names, and needs it');
}

/** @throws Failure `usage` when none was given */
export async function givenPassphrase(file: string | undefined, { backupPassphrase }: Settings): Promise<string> {
  if (file === undefined) {
    if (backupPassphrase !== undefined) return backupPassphrase;
    throw cliFailures.usage('--keys needs a passphrase: --passphrase-file or RINGFENCE_BACKUP_PASSPHRASE');
  }
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) throw cliFailures.usage(`--passphrase-file: ${file} cannot be read`);
  return text.replace(/\r?\n$/, '');
}
