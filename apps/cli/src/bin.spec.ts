import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';

const workspace = fileURLToPath(new URL('../', import.meta.url));

/** Runs what the package says is `ringfence`. */
async function ringfence(inFolder: string, ...args: readonly string[]) {
  const { bin } = JSON.parse(await readFile(join(inFolder, 'package.json'), 'utf8')) as {
    readonly bin: { readonly ringfence: string };
  };
  const file = join(inFolder, bin.ringfence);
  await access(file, constants.X_OK);
  return new Promise((resolve) => {
    execFile(process.execPath, [file, ...args], (error, out, err) => {
      resolve({ code: error?.code ?? 0, out, err });
    });
  });
}

describe('the program `ringfence` of the package', () => {
  it('is the built command line', async () => {
    expect(await ringfence(workspace, '--help')).toMatchObject({
      code: 0,
      out: expect.stringContaining('Usage: ringfence') as unknown,
      err: '',
    });
    expect(await ringfence(workspace, 'frobnicate')).toMatchObject({ code: 2, out: '' });
  });

  it('says in one line what to run where nothing is built yet', async () => {
    const fresh = await mkdtemp(join(tmpdir(), 'ringfence-bin-'));
    try {
      const copied = join(fresh, 'apps/cli');
      for (const name of ['bin', 'package.json'])
        await cp(join(workspace, name), join(copied, name), { recursive: true });
      expect(await ringfence(copied, '--help')).toEqual({
        code: 1,
        out: '',
        err: `ringfence: it is not built yet: run \`npm run build\` in ${join(fresh, '/')} first (not_built)\n`,
      });
    } finally {
      await rm(fresh, { recursive: true, force: true });
    }
  });
});
