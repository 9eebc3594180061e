import { afterEach, describe, expect, it } from '@jest/globals';
import { itUnless } from '@ringfence/testing/it-unless';
import { freePort } from '@ringfence/testing/kafka/free-port';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { chmod, chown, cp, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { getuid } from 'node:process';
import { homeIn, placeOf } from './cluster-place.js';
import { findPostgresBinaries, reachable } from './postgres-binaries.js';
import { findPostmaster } from './postmaster.js';
import { ask, ScratchClusters } from './scratch-clusters.js';
import { findLauncher } from './server-user.js';

const scratch = new ScratchClusters();
afterEach(() => scratch.discard());

const asRoot = itUnless(getuid?.() === 0 ? null : 'only root may start a server as another user');
const otherDisk = '/dev/shm';
const acrossDisks = itUnless(
  getuid?.() === 0 && existsSync(otherDisk) && statSync(otherDisk).dev !== statSync('/var/lib').dev
    ? null
    : 'it takes root and a second file system',
);

/** Returns the capabilities that the kernel grants a process beyond its user. */
function powersOf(pid: number): Readonly<Record<string, string>> {
  const status = readFileSync(`/proc/${String(pid)}/status`, 'utf8');
  return Object.fromEntries(
    [...status.matchAll(/^(Cap(?:Inh|Prm|Eff|Amb)|NoNewPrivs|Uid):\s*(\S+)/gm)].map(([, name = '', value = '']) => [
      name,
      value,
    ]),
  );
}
const none = '0'.repeat(16);
const noPowers = { CapInh: none, CapPrm: none, CapEff: none, CapAmb: none, NoNewPrivs: '1' };

/** A cluster that holds something, stopped. */
async function made(dataDir: string): Promise<void> {
  const server = await scratch.start(dataDir);
  await ask(server.url, 'create table kept as select 7 as n');
  await server.stop();
}

/** Starts on a cluster that is there; what it held is still there. */
async function expectKept(dataDir: string) {
  const server = await scratch.start(dataDir);
  expect(await ask(server.url, 'select n from kept')).toBe(7);
  expect(powersOf(server.pid)).toMatchObject(noPowers);
  return server;
}

/** Leaves the files as the previous release did: all of them the server's own. */
async function asLeftBefore(dataDir: string): Promise<void> {
  const { uid, gid } = statSync(join(dataDir, 'postgres/data'));
  await chown(join(dataDir, 'postgres'), uid, gid);
  await chmod(join(dataDir, 'postgres'), 0o700);
  await writeFile(join(dataDir, 'postgres/complete'), '');
  await chown(dataDir, 0, 0);
  await chmod(dataDir, 0o700);
}

describe('the server’s user', () => {
  it('is not root and has no capability, nor can it get any', async () => {
    const { pid } = await scratch.start(await scratch.dataDir());
    expect(powersOf(pid)).toMatchObject(noPowers);
    expect(powersOf(pid)['Uid']).not.toBe('0');
  });

  asRoot('reads nothing of root’s: not through the superuser of the database', async () => {
    const dataDir = await scratch.dataDir();
    const { url } = await scratch.start(dataDir);
    const secret = join(dataDir, 'postgres.secret');
    await expect(ask(url, `select pg_read_file('${secret}')`)).rejects.toMatchObject({ code: '42501' });
    await expect(ask(url, `copy (select 1) to '${dataDir}/written'`)).rejects.toMatchObject({ code: '42501' });
    await expect(ask(url, `copy (select 1) to '/root/written'`)).rejects.toMatchObject({ code: '42501' });
  });

  asRoot('inherits nothing from an ordinary user who has capabilities', async () => {
    const dataDir = await scratch.dataDir();
    await mkdir(dataDir);
    await chown(dataDir, 65_534, 65_534);
    const starter = `
      import { startEmbeddedPostgres } from '@ringfence/sql-postgres/embedded-postgres';
      process.stdout.write(String((await startEmbeddedPostgres({ dataDir: process.argv[1], durable: false })).pid));`;
    const withPowers = ['--inh-caps', '-all,+net_raw,+kill', '--ambient-caps', '-all,+net_raw,+kill'];
    const user = ['--reuid', '65534', '--regid', '65534', '--clear-groups'];
    const node = [process.execPath, '--input-type=module', '-e', starter, dataDir];
    const child = spawn('setpriv', [...user, ...withPowers, ...node], { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    await once(child, 'close');
    expect(powersOf(Number(output))).toMatchObject({ ...noPowers, Uid: '65534' });
    const { adopted } = await scratch.start(dataDir);
    expect(adopted).toBe(true);
  });
});

describe('a data folder below one that only root may enter', () => {
  asRoot('has its cluster in a place of root’s that the server’s user may pass, and says where', async () => {
    const dataDir = await scratch.dataDir(0o700);
    const server = await scratch.start(dataDir);
    const place = await placeOf(dataDir);
    expect(server.home).toBe(homeIn(place));
    expect((await readFile(join(dataDir, 'postgres.place'), 'utf8')).trim()).toBe(server.home);
    expect([statSync(place).uid, statSync(server.home).uid, statSync(place).mode & 0o777]).toEqual([0, 0, 0o710]);
    expect(powersOf(server.pid)).toMatchObject(noPowers);
    await server.stop();
    const again = await scratch.start(dataDir);
    expect([again.home, again.movedFrom]).toEqual([server.home, null]);
    expect((await scratch.start(dataDir)).pid).toBe(again.pid);
  });

  asRoot('finds its cluster when it has lost the pointer, and when that is empty', async () => {
    const dataDir = await scratch.dataDir(0o700);
    await made(dataDir);
    await rm(join(dataDir, 'postgres.place'));
    await (await expectKept(dataDir)).stop();
    await writeFile(join(dataDir, 'postgres.place'), '');
    await expectKept(dataDir);
  });

  asRoot('gets no new cluster when the place is gone, or the password', async () => {
    const dataDir = await scratch.dataDir(0o700);
    await made(dataDir);
    const place = await placeOf(dataDir);
    await rename(place, `${place}.away`);
    await expect(scratch.start(dataDir)).rejects.toMatchObject({ code: 'database_lost' });
    expect(existsSync(place)).toBe(false);
    await rename(`${place}.away`, place);
    await rename(join(dataDir, 'postgres.secret'), join(dataDir, 'away'));
    await expect(scratch.start(dataDir)).rejects.toMatchObject({ code: 'postgres_secret_missing' });
    await rename(join(dataDir, 'away'), join(dataDir, 'postgres.secret'));
    await expectKept(dataDir);
  });

  asRoot('takes its cluster along when it is moved, and keeps it when it is copied', async () => {
    const dataDir = await scratch.dataDir(0o700);
    await made(dataDir);
    const [moved, copied] = ['moved', 'copied'].map((name) => join(dirname(dataDir), name)) as [string, string];
    await cp(dataDir, copied, { recursive: true });
    await expect(scratch.start(copied)).rejects.toMatchObject({ code: 'database_shared' });
    await rm(copied, { recursive: true });
    await rename(dataDir, moved);
    const server = await expectKept(moved);
    await server.stop();
    await rm(dirname(server.home), { recursive: true });
  });

  asRoot('that is the only one that is shut, and root’s, is opened to the server’s group alone', async () => {
    const dataDir = await scratch.dataDir();
    await mkdir(dataDir, { mode: 0o700 });
    const { home } = await scratch.start(dataDir);
    expect(home).toBe(join(dataDir, 'postgres'));
    const { uid, gid, mode } = statSync(dataDir);
    expect([uid, gid, mode & 0o777]).toEqual([0, statSync(join(home, 'data')).gid, 0o710]);
  });
});

describe('programs that npm put below a folder that only root may enter', () => {
  asRoot('are copied once to where the server’s user may run them, and belong to root', async () => {
    const shut = dirname(await scratch.dataDir(0o700));
    const installed = await findPostgresBinaries('own');
    const native = dirname(dirname(installed.postgres));
    const version = `0.0.0-test.${String(process.pid)}`;
    await cp(native, join(shut, 'native'), { recursive: true, verbatimSymlinks: true });
    await chmod(join(shut, 'native/share'), 0o700);
    await writeFile(join(shut, 'package.json'), JSON.stringify({ version }));
    const launcher = await findLauncher(undefined);
    const below = { initdb: join(shut, 'native/bin/initdb'), postgres: join(shut, 'native/bin/postgres') };
    const found = await Promise.all([reachable(below, launcher), reachable(below, launcher)]);
    const [{ postgres, initdb }] = found;
    expect(found[1]).toEqual(found[0]);
    const copy = dirname(dirname(postgres));
    try {
      const [command = '', ...args] = launcher.prefix;
      for (const program of [postgres, initdb])
        expect(execFileSync(command, [...args, program, '--version'], { encoding: 'utf8' })).toMatch(/PostgreSQL\) 18/);
      expect([statSync(copy).uid, statSync(copy).mode & 0o777]).toEqual([0, 0o755]);
      expect(await launcher.reaches(join(copy, 'share/postgresql'))).toBe(true);
      const { ino } = statSync(copy);
      await reachable(below, launcher);
      expect(statSync(copy).ino).toBe(ino);
      expect(readdirSync(dirname(copy)).filter((name) => name.includes('.new-'))).toEqual([]);
    } finally {
      await rm(copy, { recursive: true });
    }
  });

  asRoot('are used where they are when he may run them there', async () => {
    const installed = await findPostgresBinaries('own');
    const launcher = await findLauncher(undefined);
    const reached = await launcher.reaches(dirname(installed.postgres));
    expect((await reachable(installed, launcher)).postgres === installed.postgres).toBe(reached);
  });
});

describe('the cluster of an earlier release that root started', () => {
  asRoot('stays where the server’s user may pass to it', async () => {
    const dataDir = await scratch.dataDir();
    await made(dataDir);
    await asLeftBefore(dataDir);
    expect(await expectKept(dataDir)).toMatchObject({ home: join(dataDir, 'postgres'), movedFrom: null });
  });

  asRoot('is moved once where he may not, though its server still runs with a capability', async () => {
    const dataDir = await scratch.dataDir();
    await made(dataDir);
    await asLeftBefore(dataDir);
    await chmod(dirname(dataDir), 0o700);
    const old = await startedBefore(dataDir);
    expect(powersOf(old)['CapEff']).not.toBe(none);
    const moved = await expectKept(dataDir);
    expect(moved).toMatchObject({ home: homeIn(await placeOf(dataDir)), movedFrom: join(dataDir, 'postgres') });
    expect(existsSync(join(dataDir, 'postgres'))).toBe(false);
    await moved.stop();
    expect((await expectKept(dataDir)).movedFrom).toBeNull();
  });

  asRoot('is where it was when the move is broken off before it, and moved by the next start', async () => {
    const dataDir = await scratch.dataDir();
    await made(dataDir);
    await asLeftBefore(dataDir);
    await chmod(dirname(dataDir), 0o700);
    await writeFile(join(dataDir, 'postgres.place'), `${homeIn(await placeOf(dataDir))}\n`);
    const { home, movedFrom } = await expectKept(dataDir);
    expect([home, movedFrom]).toEqual([homeIn(await placeOf(dataDir)), join(dataDir, 'postgres')]);
  });

  acrossDisks('is copied to another file system, and the old files stay under another name', async () => {
    const dataDir = await scratch.dataDir(0o711, otherDisk);
    await made(dataDir);
    await asLeftBefore(dataDir);
    await chmod(dirname(dataDir), 0o700);
    const place = await placeOf(dataDir);
    await mkdir(join(place, 'postgres.new-left'), { recursive: true }); // a copy that was broken off
    const moved = await expectKept(dataDir);
    expect(moved.home).toBe(homeIn(place));
    expect(existsSync(join(dataDir, 'postgres.moved/data/PG_VERSION'))).toBe(true);
    expect(existsSync(join(place, 'postgres.new-left'))).toBe(false);
    await moved.stop();
    await cp(join(dataDir, 'postgres.moved'), join(dataDir, 'postgres'), { recursive: true });
    await expect(scratch.start(dataDir)).rejects.toMatchObject({ code: 'database_twice' });
  });
});

describe('root without the capabilities that it takes', () => {
  asRoot('learns which are missing, and nothing is written', async () => {
    const dataDir = await scratch.dataDir();
    const starter = `
      import { startEmbeddedPostgres } from '@ringfence/sql-postgres/embedded-postgres';
      await startEmbeddedPostgres({ dataDir: process.argv[1] }).catch(({ message }) => process.stdout.write(message));`;
    const without = ['--bounding-set', '-setuid,-chown', '--inh-caps', '-all'];
    const node = [process.execPath, '--input-type=module', '-e', starter, dataDir];
    const output = execFileSync('setpriv', [...without, ...node], { encoding: 'utf8', cwd: process.cwd() });
    expect(output).toMatch(
      /^PostgreSQL does not run as root.*CHOWN, SETUID are missing.*--cap-add CHOWN --cap-add SETUID/,
    );
    expect(existsSync(dataDir)).toBe(false);
  });
});

/**
 * Starts it as the previous release did for root: with the one capability that opens every file.
 * @returns its postmaster's id
 */
async function startedBefore(dataDir: string): Promise<number> {
  const cluster = join(dataDir, 'postgres/data');
  const { uid, gid } = statSync(cluster);
  const { postgres } = await findPostgresBinaries('own');
  const powers = ['--inh-caps', '-all,+dac_override', '--ambient-caps', '-all,+dac_override'];
  const user = ['--reuid', String(uid), '--regid', String(gid), '--clear-groups', ...powers];
  const port = `port=${String(await freePort())}`;
  const settings = ['-c', port, '-c', `unix_socket_directories=`, '-c', 'listen_addresses=127.0.0.1'];
  const child = spawn('setpriv', [...user, postgres, '-D', cluster, ...settings], {
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  });
  for await (const text of child.stderr) if (String(text).includes('ready to accept connections')) break;
  child.unref();
  const running = await findPostmaster(cluster);
  return running?.pid ?? Number.NaN;
}
