import { mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { makeFolder, removeEmptyFolders } from './make-folder.js';

describe('a folder that is made', () => {
  let top: string;
  beforeEach(async () => {
    top = await mkdtemp(join(tmpdir(), 'ringfence-folder-'));
  });
  afterEach(() => rm(top, { recursive: true, force: true }));

  it('is created with its parents, for this user alone, and returns the topmost one', async () => {
    const folder = join(top, 'a/b/c');
    expect(await makeFolder(folder)).toBe(join(top, 'a'));
    for (const path of ['a', 'a/b', 'a/b/c']) expect((await stat(join(top, path))).mode & 0o777).toBe(0o700);
    expect(await makeFolder(folder)).toBeUndefined();
    expect(await makeFolder(`${folder}/../d/`)).toBe(join(top, 'a/b/d'));
  });

  it('is there for everybody who makes it at once', async () => {
    const folder = join(top, 'a/b/c');
    const tops = await Promise.all(Array.from({ length: 20 }, () => makeFolder(folder)));
    expect((await stat(folder)).isDirectory()).toBe(true);
    expect(tops).toContain(join(top, 'a'));
  });

  it('is an error of the system where none can be, however deep it was to be', async () => {
    await writeFile(join(top, 'file'), '');
    await symlink(join(top, 'gone'), join(top, 'link'));
    for (const path of [join(top, 'file'), join(top, 'link')])
      await expect(makeFolder(path)).rejects.toMatchObject({ code: 'EEXIST' });
    await expect(makeFolder(join(top, 'file/a/b'))).rejects.toMatchObject({ code: 'ENOTDIR' });
    for (const path of ['/proc/ringfence', '/proc/ringfence/a/b'])
      await expect(makeFolder(path)).rejects.toMatchObject({ code: expect.stringMatching(/ENOENT|EACCES/) as unknown });
  });

  it('goes with those that were made for it, as long as nothing is in them', async () => {
    const folder = join(top, 'a/b/c');
    const made = (await makeFolder(folder)) ?? '';
    await writeFile(join(top, 'a/kept'), '');
    await removeEmptyFolders(folder, made);
    await expect(stat(join(top, 'a/b'))).rejects.toMatchObject({ code: 'ENOENT' });
    expect((await stat(join(top, 'a/kept'))).isFile()).toBe(true);
  });
});
