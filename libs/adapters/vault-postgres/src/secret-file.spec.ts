import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { KeyRing } from '@ringfence/runtime/key-ring';
import { chmod, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadOrCreateSecretFile } from './secret-file.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ringfence-secret-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('a secret file', () => {
  it('is made once, for this user alone, and read from then on', async () => {
    const path = join(folder, 'nested', 'pepper.key');
    const made = await loadOrCreateSecretFile(path, 'dev');
    expect(KeyRing.parse(made, 'pepper').current.id).toMatch(/^dev-[0-9a-f]{8}$/);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await loadOrCreateSecretFile(path, 'other')).toBe(made);
  });

  it('is the same for all who make it at once, and nothing else is left behind', async () => {
    const path = join(folder, 'raced', 'master.key');
    const made = await Promise.all(Array.from({ length: 20 }, () => loadOrCreateSecretFile(path, 'dev')));
    expect(new Set(made).size).toBe(1);
    expect(await readdir(join(folder, 'raced'))).toEqual(['master.key']);
  });

  it('is refused when others may read it', async () => {
    const path = join(folder, 'open.key');
    await loadOrCreateSecretFile(path, 'dev');
    await chmod(path, 0o644);
    await expect(loadOrCreateSecretFile(path, 'dev')).rejects.toMatchObject({
      code: 'secret_file_exposed',
      retryable: false,
    });
  });
});
