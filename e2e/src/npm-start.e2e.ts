import { spawn } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The checkout's scripts and built code, without a build: it would rewrite what other tests run. */
async function builtCheckout(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ringfence-e2e-'));
  await copyFile(join(root, 'package.json'), join(folder, 'package.json'));
  for (const name of ['apps', 'libs', 'infra', 'node_modules']) await symlink(join(root, name), join(folder, name));
  await mkdir(join(folder, 'tools'));
  await writeFile(join(folder, 'tools/build.mjs'), '');
  return folder;
}

describe('npm start', () => {
  let folder: string;
  let dataDir: string;
  beforeAll(async () => {
    folder = await builtCheckout();
    dataDir = await mkdtemp(join(tmpdir(), 'ringfence-e2e-'));
  });
  afterAll(async () => {
    for (const each of [folder, dataDir]) await rm(each, { recursive: true, force: true });
  });

  it('stops the server, and not itself alone, when a supervisor ends it', async () => {
    const npm = spawn('npm', ['start'], {
      cwd: folder,
      env: { ...process.env, RINGFENCE_DATA_DIR: dataDir, RINGFENCE_PORT: '0' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let stdout = '';
    // The pipe is open for as long as anything that npm started: its end is the end of the server.
    const ended = new Promise<void>((resolve) => npm.stdout.once('close', resolve));
    const url = await new Promise<string>((ready) => {
      npm.stdout.setEncoding('utf8').on('data', (text: string) => {
        stdout += text;
        const [, found] = /Ringfence is ready at (http:\/\/\S+)/.exec(stdout) ?? [];
        if (found !== undefined) ready(found);
      });
    });
    npm.kill('SIGTERM');
    await ended;
    await expect(fetch(`${url}/health/live`)).rejects.toThrow();
  });
});
