import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { itUnless } from '@ringfence/testing/it-unless';

const built = new URL('../dist/compiled-code.js', import.meta.url).href;
const someoneElse = 65_534;

describe('compiled code', () => {
  let installation = '';
  let folder = '';

  beforeEach(async () => {
    installation = await mkdtemp(join(tmpdir(), 'ringfence-compiled-'));
    folder = join(installation, 'node_modules/.ringfence-compiled');
    await mkdir(join(installation, 'node_modules'));
    await writeFile(join(installation, 'loaded.mjs'), 'export const answer = 42;');
  });

  afterEach(() => rm(installation, { recursive: true, force: true }));

  /** A process that keeps its compiled code there, and loads something. */
  async function start(where = installation): Promise<{ readonly kept: boolean; readonly answer: number }> {
    const script = `
      import { keepCompiledCode } from ${JSON.stringify(built)};
      const kept = keepCompiledCode(${JSON.stringify(where)});
      const { answer } = await import(${JSON.stringify(join(installation, 'loaded.mjs'))});
      console.log(JSON.stringify({ kept, answer }));`;
    const flags = ['--input-type=module', '--eval', script];
    const { stdout } = await promisify(execFile)(process.execPath, flags, { env: environment() });
    return JSON.parse(stdout) as { readonly kept: boolean; readonly answer: number };
  }

  function environment(): NodeJS.ProcessEnv {
    const { NODE_COMPILE_CACHE: _, ...env } = process.env;
    return env;
  }

  async function filesKept(): Promise<number> {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).length;
  }

  it('is kept beside the packages, for the next start', async () => {
    expect(await start()).toEqual({ kept: true, answer: 42 });
    expect(await filesKept()).toBe(1);
    expect(await start()).toEqual({ kept: true, answer: 42 });
  });

  it('is there for the next start even if this process is killed, once it has been written', async () => {
    const script = `
      import { keepCompiledCode, writeCompiledCode } from ${JSON.stringify(built)};
      keepCompiledCode(${JSON.stringify(installation)});
      await import(${JSON.stringify(join(installation, 'loaded.mjs'))});
      writeCompiledCode();
      console.log('written');
      setInterval(() => undefined, 1_000);`;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script], { env: environment() });
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'close');
    expect(await filesKept()).toBe(1);
  });

  it('is not used where the source has changed', async () => {
    await start();
    await writeFile(join(installation, 'loaded.mjs'), 'export const answer = 43;');
    expect(await start()).toEqual({ kept: true, answer: 43 });
  });

  it('is not kept where nothing can be written: the start goes on without', async () => {
    expect(await start('/proc/self')).toEqual({ kept: false, answer: 42 });
  });

  it('is neither kept nor used in a folder that others can enter', async () => {
    await start();
    await chmod(folder, 0o755);
    expect(await start()).toEqual({ kept: false, answer: 42 });
  });

  it('is neither kept nor used in a folder that a link leads to', async () => {
    await mkdir(join(installation, 'elsewhere'), { mode: 0o700 });
    await symlink(join(installation, 'elsewhere'), folder);
    expect(await start()).toEqual({ kept: false, answer: 42 });
  });

  itUnless(process.geteuid?.() === 0 ? null : 'only root can give a folder away')(
    'is neither kept nor used in a folder of another user',
    async () => {
      await mkdir(folder, { mode: 0o700 });
      await chown(folder, someoneElse, someoneElse);
      expect(await start()).toEqual({ kept: false, answer: 42 });
    },
  );
});
