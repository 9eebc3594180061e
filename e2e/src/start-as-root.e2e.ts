import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { findPostmaster } from '@ringfence/sql-postgres/postmaster';
import { itUnless } from '@ringfence/testing/it-unless';
import { readLog } from './log-reader.js';
import { PlatformProcess } from './platform-process.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const isRoot = process.getuid?.() === 0;
const asRoot = itUnless(isRoot ? null : 'only root can be kept from being root');

describe('the platform, code and data below a folder that only root may enter', () => {
  let shut: string;
  let platform: PlatformProcess;

  beforeAll(async () => {
    if (!isRoot) return;
    // On the checkout's own file system, so that a link stands for each of its many files.
    shut = mkdtempSync(join(dirname(root), '.ringfence-root-'));
    chmodSync(shut, 0o700);
    const parts = ['node_modules', 'apps', 'libs', 'package.json'].map((name) => join(root, name));
    execFileSync('cp', ['-al', ...parts, shut]);
    platform = await start();
  });
  afterAll(async () => {
    if (!isRoot) return;
    await platform.stop();
    const place = existsSync(placeFile()) ? dirname(readFileSync(placeFile(), 'utf8').trim()) : undefined;
    for (const folder of [shut, ...(place === undefined ? [] : [place])])
      rmSync(folder, { recursive: true, force: true });
  });
  const dataDir = () => join(shut, '.ringfence');
  const placeFile = () => join(dataDir(), 'postgres.place');
  const start = () => PlatformProcess.start({ dataDir: dataDir(), main: join(shut, 'apps/server/dist/main.js') });

  asRoot('starts, and takes a call', async () => {
    const { sandboxKey } = platform.keys;
    const placed = await platform.ask(sandboxKey, 'POST', '/api/v1/voice/calls/initiate', {
      from_number: '+15005550100',
      to_number: '+15005550003',
    });
    expect(placed.status).toBe(202);
  });

  asRoot('says where its database lies, which runs without any capability and never gets one', async () => {
    const home = readFileSync(placeFile(), 'utf8').trim();
    expect(home).toMatch(/^\/var\/lib\/ringfence\//);
    expect(platform.stdout).toContain(home);
    const postmaster = await findPostmaster(join(home, 'data'));
    const status = readFileSync(`/proc/${String(postmaster?.pid)}/status`, 'utf8');
    for (const set of ['Inh', 'Prm', 'Eff', 'Amb']) expect(status).toMatch(new RegExp(`^Cap${set}:\\s*0+$`, 'm'));
    expect(status).toMatch(/^NoNewPrivs:\s*1$/m);
    expect(status).not.toMatch(/^Uid:\s*0/m);
  });

  asRoot('goes on with its log after a stop, and after it was killed', async () => {
    const before = await readLog(dataDir());
    expect(await platform.stop()).toBe(0);
    platform = await start();
    await platform.kill9();
    platform = await start();
    const after = await readLog(dataDir());
    expect(after.length).toBeGreaterThanOrEqual(before.length);
    expect(after.slice(0, before.length).map(({ bytes }) => bytes)).toEqual(before.map(({ bytes }) => bytes));
  });
});
