import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { itUnless } from '@ringfence/testing/it-unless';
import { checkFolder } from './folder-check.js';

const unusable = (why: RegExp) => ({ code: 'data_dir_unusable', message: expect.stringMatching(why) as unknown });

/** The kernel's answer to every attempt at a link. */
const withoutLinks = [
  '-f',
  '-qq',
  '-o',
  '/dev/null',
  '-e',
  'trace=link,linkat',
  '-e',
  'inject=link,linkat:error=EPERM',
];

describe('the check of a data folder', () => {
  let top: string;
  beforeEach(async () => {
    top = await mkdtemp(join(tmpdir(), 'ringfence-folder-'));
  });
  afterEach(() => rm(top, { recursive: true, force: true }));

  it('creates the folder, private to this user, and leaves nothing in it', async () => {
    const dataDir = join(top, 'a/b');
    await checkFolder(dataDir);
    expect((await stat(dataDir)).mode & 0o777).toBe(0o700);
    expect(await readdir(dataDir)).toEqual([]);
  });

  it('says that a file is in the way', async () => {
    await writeFile(join(top, 'file'), '');
    await expect(checkFolder(join(top, 'file'))).rejects.toMatchObject(unusable(/a file is in the way/));
    await expect(checkFolder(join(top, 'file/below'))).rejects.toMatchObject(unusable(/a file is in the way/));
  });

  it('says that nothing can be created', async () => {
    await expect(checkFolder('/proc/ringfence')).rejects.toMatchObject(unusable(/^\/proc\/ringfence cannot be used/));
  });

  const mounted = itUnless(whyNoMount());
  mounted('says that a file system keeps no permissions, and leaves nothing there', async () => {
    await mkdir(join(top, 'real'));
    await mkdir(join(top, 'shared'));
    // As a drive of the host's is in many virtual machines.
    execFileSync('bindfs', ['--chmod-ignore', '--perms=0777', join(top, 'real'), join(top, 'shared')]);
    try {
      await expect(checkFolder(join(top, 'shared/a/b'))).rejects.toMatchObject(unusable(/keeps no permissions/));
      expect(await readdir(join(top, 'real'))).toEqual([]);
    } finally {
      execFileSync('umount', [join(top, 'shared')]);
    }
  });

  const refusing = itUnless(whyNotRefusing());
  refusing('says that a file system has no hard links, and leaves nothing there', async () => {
    const checking = `
      import { checkFolder } from '@ringfence/server/start/folder-check';
      await checkFolder(process.argv[1]).catch(({ code, message }) => process.stdout.write(code + ' ' + message));`;
    // As on FAT, and on most buckets that are mounted as a folder.
    const node = [process.execPath, '--input-type=module', '-e', checking, join(top, 'a/b')];
    const output = execFileSync('strace', [...withoutLinks, ...node], { encoding: 'utf8' });
    expect(output).toMatch(/^data_dir_unusable .*a\/b cannot be used .*its file system has no hard links: EPERM/);
    expect(await readdir(top)).toEqual([]);
  });

  mounted('says that a file system is read-only', async () => {
    await mkdir(join(top, 'real/data'), { recursive: true });
    await mkdir(join(top, 'shared'));
    execFileSync('bindfs', ['-o', 'ro', join(top, 'real'), join(top, 'shared')]);
    try {
      for (const name of ['data', 'new'])
        await expect(checkFolder(join(top, 'shared', name))).rejects.toMatchObject(unusable(/is read-only: EROFS/));
    } finally {
      execFileSync('umount', [join(top, 'shared')]);
    }
  });
});

function whyNotRefusing(): string | null {
  return spawnSync('strace', [...withoutLinks, 'true']).status === 0 ? null : 'strace is not there, or may not trace';
}

function whyNoMount(): string | null {
  if (process.getuid?.() !== 0 || !existsSync('/dev/fuse')) return 'only root mounts a file system, and it takes FUSE';
  return existsSync('/usr/bin/bindfs') ? null : 'bindfs is not installed';
}
