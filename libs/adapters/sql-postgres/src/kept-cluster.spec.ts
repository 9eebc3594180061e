import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, watch } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileHarms } from '@ringfence/testing/file-harms';
import { ask, ScratchClusters } from './scratch-clusters.js';

const scratch = new ScratchClusters();
afterEach(() => scratch.discard());

/** A cluster that holds something, stopped. */
async function made(clusters: ScratchClusters): Promise<string> {
  const dataDir = await clusters.dataDir();
  const server = await clusters.start(dataDir);
  await ask(server.url, 'create table kept as select 7 as n');
  await server.stop();
  return dataDir;
}

const isKept = async (clusters: ScratchClusters, dataDir: string) => {
  const server = await clusters.start(dataDir);
  const found = await ask(server.url, 'select n from kept');
  await server.stop();
  return found;
};

describe('a cluster that there is', () => {
  const clusters = new ScratchClusters();
  let dataDir: string;
  beforeAll(async () => {
    dataDir = await made(clusters);
  });
  afterAll(() => clusters.discard());

  const newestWal = async () => {
    const folder = join(dataDir, 'postgres/data/pg_wal');
    const names = (await readdir(folder)).filter((name) => /^[0-9A-F]{24}$/.test(name)).sort();
    // After a clean stop the last record lies in the first file: later ones are there to be used again.
    return join(folder, names[0] ?? '');
  };
  const files = [
    ['postgres.secret', () => Promise.resolve(join(dataDir, 'postgres.secret'))],
    ['PG_VERSION', () => Promise.resolve(join(dataDir, 'postgres/data/PG_VERSION'))],
    ['global/pg_control', () => Promise.resolve(join(dataDir, 'postgres/data/global/pg_control'))],
    ['the newest WAL file', newestWal],
  ] as const;

  it.each(
    files.flatMap(([name, path]) => Object.entries(fileHarms).map(([harm, harmed]) => ({ name, harm, path, harmed }))),
  )('is refused or the same, never a new one, when $name is $harm', async ({ path, harmed }) => {
    const { ino } = await stat(join(dataDir, 'postgres/data'));
    const before = await readdir(dataDir);
    const repair = await harmed(await path());
    const found = await isKept(clusters, dataDir).catch((failure: unknown) => failure);
    if (found !== 7)
      expect(found).toMatchObject({
        code: expect.stringMatching(/^(postgres_secret_|database_|embedded_postgres_start)/),
        message: expect.stringContaining(join(dataDir, 'postgres')),
      });
    await repair();
    expect((await stat(join(dataDir, 'postgres/data'))).ino).toBe(ino);
    expect((await readdir(dataDir)).sort()).toEqual(before.sort());
    expect(await isKept(clusters, dataDir)).toBe(7);
  });

  it('is refused with a password that is another’s, at once and without a server left behind', async () => {
    const repair = await fileHarms.truncated(join(dataDir, 'postgres.secret'));
    await writeFile(join(dataDir, 'postgres.secret'), 'a'.repeat(32));
    await expect(clusters.start(dataDir)).rejects.toMatchObject({ code: 'postgres_secret_wrong' });
    expect(existsSync(join(dataDir, 'postgres/data/postmaster.pid'))).toBe(false);
    await repair();
    expect(await isKept(clusters, dataDir)).toBe(7);
  });
});

describe('a data folder', () => {
  it('that never had a cluster gets none from who does not want one made, and is not made itself', async () => {
    const dataDir = await scratch.dataDir();
    await expect(scratch.start(dataDir, { make: false })).rejects.toMatchObject({ code: 'database_not_made' });
    expect(existsSync(dataDir)).toBe(false);
  });

  it('whose cluster was taken away gets no new one', async () => {
    const dataDir = await made(scratch);
    await rename(join(dataDir, 'postgres'), join(dataDir, 'elsewhere'));
    await expect(scratch.start(dataDir)).rejects.toMatchObject({ code: 'database_lost' });
    await rename(join(dataDir, 'elsewhere'), join(dataDir, 'postgres'));
    expect(await isKept(scratch, dataDir)).toBe(7);
  });

  it('whose cluster should lie on a disk that is not mounted gets no new one', async () => {
    const dataDir = await scratch.dataDir();
    await mkdir(join(dataDir, 'postgres'), { recursive: true });
    await expect(scratch.start(dataDir)).rejects.toMatchObject({ code: 'database_not_whole' });
  });

  it('is begun again after a first start that was broken off, at any moment, and keeps nothing of that', async () => {
    const dataDir = await scratch.dataDir();
    await mkdir(join(dataDir, 'postgres.new-0123/data/base'), { recursive: true });
    await writeFile(join(dataDir, 'postgres.secret'), 'b'.repeat(32), { mode: 0o600 });
    const server = await scratch.start(dataDir);
    expect(await ask(server.url, 'select 1')).toBe(1);
    expect((await readdir(dataDir)).filter((name) => name.includes('new-'))).toEqual([]);
  });

  it('is whole, or one to begin in, whenever a first start is killed', async () => {
    for (let kills = 0; kills < 6; kills += 1) {
      const dataDir = await scratch.dataDir();
      await killedStart(dataDir, kills);
      const server = await scratch.start(dataDir);
      expect(await ask(server.url, 'select 1')).toBe(1);
      await server.stop();
    }
  });

  it('of an earlier release needs no file that says that its cluster is complete', async () => {
    const dataDir = await made(scratch);
    await writeFile(join(dataDir, 'postgres/complete'), '');
    expect(await isKept(scratch, dataDir)).toBe(7);
    await rm(join(dataDir, 'postgres/complete'));
    expect(await isKept(scratch, dataDir)).toBe(7);
  });
});

const starter = `
  import { startEmbeddedPostgres } from '@ringfence/sql-postgres/embedded-postgres';
  await startEmbeddedPostgres({ dataDir: process.argv[1], durable: false });
`;

/** Starts in a process of its own, and kills it when its folder has changed so often; or once the start is over. */
async function killedStart(dataDir: string, changes: number): Promise<void> {
  await mkdir(dataDir);
  const child = spawn(process.execPath, ['--input-type=module', '-e', starter, dataDir], { stdio: 'ignore' });
  const ended = once(child, 'close');
  let seen = 0;
  const watcher = watch(dataDir, () => {
    if (seen === changes) child.kill('SIGKILL');
    seen += 1;
  });
  await ended;
  watcher.close();
}
