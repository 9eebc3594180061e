import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { settingsFrom } from '../settings.js';
import { findServerKeys, keepServerKeys, readKeysFile, writeKeysFile } from './server-keys.js';

const passphrase = 'correct horse battery staple';
const ring = (id: string) => `${id}:${randomBytes(32).toString('base64')}`;
const keys = { 'master-key': ring('m1'), pepper: `${ring('p2')},${ring('p1')}` };
let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ringfence-keys-'));
  file = join(folder, 'keys.age');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('the file of keys beside a backup', () => {
  it('yields its keys to a reader with the passphrase, and holds none of them in clear', async () => {
    await writeKeysFile(file, passphrase, 'log_1', keys);
    expect(await readKeysFile(file, passphrase, 'log_1')).toEqual(keys);
    const bytes = await readFile(file, 'latin1');
    expect(bytes).toMatch(/^age-encryption\.org\/v1\n-> scrypt /);
    for (const secret of Object.values(keys)
      .flatMap((text) => text.split(/[:,]/))
      .filter((part) => part.length > 8))
      expect(bytes).not.toContain(secret);
    expect((await stat(file)).mode & 0o077).toBe(0);
  });

  it('does not open with another passphrase, after a change, or for another log', async () => {
    await writeKeysFile(file, passphrase, 'log_1', keys);
    await expect(readKeysFile(file, 'wrong horse battery staple', 'log_1')).rejects.toMatchObject({
      code: 'keys_file_unreadable',
    });
    await expect(readKeysFile(file, passphrase, 'log_2')).rejects.toMatchObject({ code: 'keys_file_of_other_log' });
    const bytes = await readFile(file);
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    await writeFile(file, bytes);
    await expect(readKeysFile(file, passphrase, 'log_1')).rejects.toMatchObject({ code: 'keys_file_unreadable' });
    await expect(readKeysFile(join(folder, 'none'), passphrase, 'log_1')).rejects.toMatchObject({
      code: 'keys_file_unreadable',
    });
  });

  it('neither replaces another, nor lacks required keys, nor takes a passphrase that can be guessed', async () => {
    await writeKeysFile(file, passphrase, 'log_1', keys);
    await expect(writeKeysFile(file, passphrase, 'log_1', keys)).rejects.toMatchObject({
      code: 'keys_file_unwritable',
    });
    const other = join(folder, 'other.age');
    await expect(writeKeysFile(other, 'short', 'log_1', keys)).rejects.toMatchObject({ code: 'passphrase_short' });
    await expect(writeKeysFile(other, passphrase, 'log_1', { pepper: keys.pepper })).rejects.toMatchObject({
      code: 'server_key_missing',
      message: expect.stringContaining('RINGFENCE_MASTER_KEY') as unknown,
    });
    await expect(stat(other)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('the server’s keys', () => {
  it('are found where the server finds them: in the environment, else in the data directory', async () => {
    await writeFile(join(folder, 'pepper'), `${keys.pepper}\n`, { mode: 0o600 });
    await writeFile(join(folder, 'master-key'), `${ring('old')}\n`, { mode: 0o600 });
    const settings = settingsFrom({ RINGFENCE_DATA_DIR: folder, RINGFENCE_MASTER_KEY: keys['master-key'] });
    expect(await findServerKeys(settings)).toEqual(keys);
  });

  it('are not read from a setting’s former name: it is refused, and the new name given', () => {
    expect(() => settingsFrom({ RINGFENCE_VOUCH_KEY: ring('k1') })).toThrow('did you mean RINGFENCE_CLUSTER_KEY?');
    expect(() => settingsFrom({ RINGFENCE_KAFKA_COPIES: '3' })).toThrow('RINGFENCE_KAFKA_REPLICATION_FACTOR');
  });

  it('are written into a data directory once, and never replace others', async () => {
    await keepServerKeys(folder, keys);
    await keepServerKeys(folder, keys);
    expect(await findServerKeys(settingsFrom({ RINGFENCE_DATA_DIR: folder }))).toEqual(keys);
    expect((await stat(join(folder, 'pepper'))).mode & 0o077).toBe(0);
    await expect(keepServerKeys(folder, { pepper: ring('p3') })).rejects.toMatchObject({ code: 'secret_file_differs' });
  });
});
