import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { InstanceLock } from './instance-lock.js';

describe('the lock of a data folder', () => {
  let dataDir: string;
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'ringfence-lock-'));
  });
  afterEach(async () => {
    await rm(dataDir, { recursive: true, force: true });
  });

  it('is one process’s until it is released', async () => {
    const lock = await InstanceLock.take(dataDir);
    await expect(InstanceLock.take(dataDir)).rejects.toMatchObject({ code: 'data_dir_locked' });
    await lock.release();
    await (await InstanceLock.take(dataDir)).release();
  });

  it('is taken over from a process that is gone', async () => {
    await writeFile(join(dataDir, 'lock'), JSON.stringify({ pid: 2 ** 22 + 1, began: '1' }));
    await InstanceLock.take(dataDir);
    expect(JSON.parse(await readFile(join(dataDir, 'lock'), 'utf8'))).toMatchObject({ pid: process.pid });
  });

  it('is taken over when another process has the holder’s process id by now', async () => {
    await writeFile(join(dataDir, 'lock'), JSON.stringify({ pid: process.pid, began: 'long ago' }));
    await InstanceLock.take(dataDir);
    expect(await readFile(join(dataDir, 'lock'), 'utf8')).not.toContain('long ago');
  });

  it('says in one line when the folder cannot be used', async () => {
    const file = join(dataDir, 'a-file');
    await writeFile(file, '');
    await expect(InstanceLock.take(file)).rejects.toMatchObject({
      code: 'data_dir_unusable',
      message: expect.not.stringContaining('\n'),
    });
  });
});
