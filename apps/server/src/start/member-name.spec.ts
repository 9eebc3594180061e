import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { memberName } from './member-name.js';

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'ringfence-member-'));
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

describe('the name of a process in its groups', () => {
  it('is the same at each start on one data folder, and different on another', async () => {
    const name = await memberName(dataDir);
    expect(name).toMatch(/^\S+$/);
    expect(name.startsWith(hostname().replaceAll(/[^A-Za-z0-9.-]/g, '_').slice(0, 60))).toBe(true); // prettier-ignore
    expect(await memberName(dataDir)).toBe(name);
    expect(await memberName(join(dataDir, 'other'))).not.toBe(name);
  });

  it('is created again if the file is not one of ours', async () => {
    await writeFile(join(dataDir, 'member'), 'two words\n');
    const name = await memberName(dataDir);
    expect(name).not.toContain(' ');
    expect(await memberName(dataDir)).toBe(name);
  });
});
