import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openPool } from '@ringfence/sql-postgres/pool';
import { openScratchDatabase, type ScratchDatabase } from '@ringfence/sql-postgres/scratch-database';
import { randomBytes } from 'node:crypto';
import { cp, mkdir, mkdtemp, open, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClientBase, Pool } from 'pg';
import { makeBackup } from './backup.js';
import { manifestName, readManifest } from './manifest.js';
import { restoreBackup } from './restore.js';

const schemas = ['books', 'shelf'];
/**
 * One number that both tables always agree on, every type that the platform's tables have, and a row that the schema
 * begins with.
 */
const tables = `
  create schema books;
  create table books.page (
    position bigint primary key, stream text not null collate "C", version integer not null, bytes bytea not null,
    due bigint, above bigint[] not null default '{}', kept boolean not null, at timestamptz not null
  );
  create table books.head (single boolean primary key default true, next bigint not null);
  insert into books.head (next) values (0);
  create schema shelf;
  create table shelf."odd ""name""" ("select" text primary key)`;
const addPages = `
  with head as (update books.head set next = next + $1 returning next - $1 as first)
  insert into books.page
  select first + n, 'stream ' || n, n, decode(md5(n::text), 'hex') || $2::bytea, nullif(n, 3), array[n, 2], n % 2 = 0,
    case when n = 4 then '-infinity'::timestamptz else now() end
  from head, generate_series(0, $1::bigint - 1) n`;

type Server = { readonly scratch: ScratchDatabase; readonly pool: Pool };
const opened: Server[] = [];
let root: string;
let made = 0;

async function database(): Promise<Pool> {
  const [first] = opened;
  if (first === undefined) {
    const scratch = await openScratchDatabase();
    opened.push({ scratch, pool: openPool(scratch.url) });
    return database();
  }
  const name = `${new URL(first.scratch.url).pathname.slice(1)}_${String((made += 1))}`;
  await first.pool.query(`create database ${name}`);
  const url = new URL(first.scratch.url);
  url.pathname = `/${name}`;
  const pool = openPool(url.href);
  opened.push({ scratch: { url: url.href, serverPid: undefined, close: () => Promise.resolve() }, pool });
  return pool;
}

const folder = () => join(root, String((made += 1)));
const nothing = () => undefined;
const identify = async (client: ClientBase) => {
  const { rows } = await client.query<{ next: string }>('select next from books.head');
  return { logId: 'log_1', head: Number(rows[0]?.next), masterKeyIds: ['m1'] };
};
const backUp = (pool: Pool, to: string, beforeWhole = () => Promise.resolve()) =>
  makeBackup(pool, { folder: to, schemas, identify, beforeWhole, onTable: nothing });
const restore = (
  pool: Pool,
  from: string,
  beforeCommit: (client: ClientBase) => Promise<void> = () => Promise.resolve(),
) =>
  restoreBackup(pool, {
    folder: from,
    schemas,
    createSchemas: async (client) => {
      await client.query(tables);
    },
    beforeCommit,
    onTable: nothing,
  });

async function contents(pool: Pool): Promise<readonly unknown[]> {
  const found = await Promise.all(
    ['books.page', 'books.head', 'shelf."odd ""name"""'].map((table) =>
      pool.query<{ line: string }>(`select t::text as line from ${table} t order by 1`),
    ),
  );
  return found.map(({ rows }) => rows.map(({ line }) => line));
}

async function holdsNothing(pool: Pool): Promise<boolean> {
  const { rows } = await pool.query(`select from pg_namespace where nspname = any($1)`, [schemas]);
  return rows.length === 0;
}

async function filled(pages = 500): Promise<Pool> {
  const pool = await database();
  await pool.query(tables);
  await pool.query(addPages, [pages, randomBytes(64)]);
  await pool.query(`insert into shelf."odd ""name""" values ('a	b\\c'), ('')`);
  return pool;
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'ringfence-backup-'));
  await database();
}, 60_000);
afterAll(async () => {
  for (const { pool } of opened) await pool.end();
  await opened[0]?.scratch.close();
  await rm(root, { recursive: true, force: true });
});

describe('a backup', () => {
  it('comes back with the same rows, whatever is in them', async () => {
    const [source, target, dir] = [await filled(), await database(), folder()];
    const manifest = await backUp(source, dir);
    expect(manifest).toMatchObject({ logId: 'log_1', head: 500, masterKeyIds: ['m1'] });
    expect(await readManifest(dir)).toEqual(manifest);
    await restore(target, dir);
    expect(await contents(target)).toEqual(await contents(source));
  });

  it('leaves out what is not to be kept: unlogged tables', async () => {
    const pool = await filled(1);
    await pool.query('create unlogged table shelf.handed_over (digits text)');
    await pool.query(`insert into shelf.handed_over values ('1234')`);
    const to = folder();
    await backUp(pool, to);
    const names = (await readManifest(to)).tables.map(({ name }) => name);
    expect(names.sort()).toEqual(['head', 'odd "name"', 'page']);
  });

  it('is one moment of a database to which others write without a pause', async () => {
    const [source, target, dir] = [await filled(5_000), await database(), folder()];
    let writing = true;
    let written = 0;
    const writers = Array.from({ length: 4 }, async () => {
      while (writing) {
        await source.query(addPages, [20, randomBytes(512)]);
        written += 1;
      }
    });
    const head = async () => (await identify(source as unknown as ClientBase)).head;
    const before = await head();
    const { head: at } = await backUp(source, dir);
    const writtenMeanwhile = written;
    writing = false;
    await Promise.all(writers);
    expect(writtenMeanwhile).toBeGreaterThan(0);
    expect(at).toBeGreaterThanOrEqual(before);
    expect(await head()).toBeGreaterThan(at);
    await restore(target, dir);
    const { rows } = await target.query(
      'select count(*)::int as pages, max(position)::int + 1 as next from books.page',
    );
    expect(rows).toEqual([{ pages: at, next: at }]);
    const common = 'select * from books.page where position < $1 order by position';
    expect((await target.query(common, [at])).rows).toEqual((await source.query(common, [at])).rows);
  });

  it('lies where only its owner may read it', async () => {
    const [source, dir] = [await filled(), folder()];
    await backUp(source, dir);
    const paths = [dir, ...(await readdir(dir)).map((name) => join(dir, name))];
    const modes = await Promise.all(paths.map(async (path) => (await stat(path)).mode & 0o077));
    expect(modes.filter((others) => others !== 0)).toEqual([]);
  });

  it('wants a new folder, and says of one that was cut off what it is', async () => {
    const [source, dir] = [await filled(), folder()];
    await backUp(source, dir);
    await expect(backUp(source, dir)).rejects.toMatchObject({ code: 'backup_folder_not_empty' });
    await rm(join(dir, manifestName));
    await expect(backUp(source, dir)).rejects.toThrow('cut off half way');
    await writeFile(join(root, 'file'), '');
    for (const place of [join(root, 'file'), join(root, 'file/below'), '/proc/ringfence', '/proc/ringfence/below'])
      await expect(backUp(source, place)).rejects.toMatchObject({ code: 'backup_folder_unusable' });
  });

  it('leaves nothing behind when it fails', async () => {
    const [source, dir, kept] = [await filled(), folder(), folder()];
    const failing = () => Promise.reject(new Error('no keys'));
    await expect(backUp(source, dir, failing)).rejects.toThrow('no keys');
    await expect(stat(dir)).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(backUp(source, join(dir, 'a/b'), failing)).rejects.toThrow('no keys');
    await expect(stat(dir)).rejects.toMatchObject({ code: 'ENOENT' });
    // A folder that was there, a mount for instance, stays.
    await mkdir(kept);
    await expect(backUp(source, kept, failing)).rejects.toThrow('no keys');
    expect(await readdir(kept)).toEqual([]);
    await backUp(source, kept);
  });

  it('says so when the database cannot be reached', async () => {
    const nowhere = openPool('postgres://nobody@127.0.0.1:9/none');
    const dir = folder();
    await expect(backUp(nowhere, dir)).rejects.toMatchObject({ code: 'database_unavailable', retryable: true });
    await expect(stat(dir)).rejects.toMatchObject({ code: 'ENOENT' });
    await nowhere.end();
  });

  it('has no manifest before all of it is on disk', async () => {
    const [source, dir] = [await filled(), folder()];
    let names: readonly string[] = [];
    await backUp(source, dir, async () => {
      names = await readdir(dir);
      await expect(restore(await database(), dir)).rejects.toMatchObject({ code: 'backup_incomplete' });
    });
    expect(names).toHaveLength(3);
    expect(names).not.toContain(manifestName);
  });
});

describe('a restore', () => {
  it('refuses a database that is not empty, whosever tables they are, and touches nothing', async () => {
    const [source, dir] = [await filled(), folder()];
    await backUp(source, dir);
    await source.query('update books.head set next = 7');
    const before = await contents(source);
    await expect(restore(source, dir)).rejects.toMatchObject({ code: 'database_not_empty' });
    expect(await contents(source)).toEqual(before);
    const foreign = await database();
    await foreign.query('create table somebody (id int)');
    await expect(restore(foreign, dir)).rejects.toThrow('public.somebody');
    expect(await holdsNothing(foreign)).toBe(true);
  });

  const damages: readonly [string, string, (dir: string, file: string) => Promise<void>][] = [
    ['a file that is missing', 'backup_incomplete', (dir, file) => rm(join(dir, file))],
    ['a file that was cut off', 'backup_incomplete', (dir, file) => truncate(join(dir, file), 20)],
    ['a file with one byte changed', 'backup_damaged', (dir, file) => flip(join(dir, file), 40)],
    ['a file with its end changed', 'backup_damaged', (dir, file) => flip(join(dir, file), -1)],
    ['a file with a change that no decompressor minds', 'backup_damaged', (dir, file) => flip(join(dir, file), 9)],
    ['no manifest', 'backup_incomplete', (dir) => rm(join(dir, manifestName))],
    ['a manifest that was cut off', 'backup_damaged', (dir) => truncate(join(dir, manifestName), 300)],
    ['a manifest with one byte changed', 'backup_damaged', (dir) => flip(join(dir, manifestName), 200)],
  ];
  it.each(damages)('takes %s for no whole backup', async (_, code, damage) => {
    const [source, target, dir] = [await filled(), await database(), folder()];
    await backUp(source, dir);
    const whole = `${dir}-whole`;
    await cp(dir, whole, { recursive: true });
    await damage(dir, '01.books.page.copy.gz');
    await expect(restore(target, dir)).rejects.toMatchObject({ code });
    expect(await holdsNothing(target)).toBe(true);
    await restore(target, whole);
    expect(await contents(target)).toEqual(await contents(source));
  });

  it('takes a file of another backup for none of this one, though it could be read', async () => {
    const [source, target, dir, other] = [await filled(), await database(), folder(), folder()];
    await backUp(source, dir);
    await source.query('update books.page set version = version + 1');
    await backUp(source, other);
    const { tables: found } = await readManifest(dir);
    const { file, bytes } = found.find(({ name }) => name === 'page') ?? { file: '', bytes: 0 };
    const foreign = await readFile(join(other, file));
    await writeFile(join(dir, file), Buffer.concat([foreign, Buffer.alloc(bytes)]).subarray(0, bytes));
    await expect(restore(target, dir)).rejects.toMatchObject({ code: 'backup_damaged' });
    expect(await holdsNothing(target)).toBe(true);
  });

  it('refuses what this release has no place for, and says which release can', async () => {
    const [source, dir] = [await filled(), folder()];
    await source.query('alter table books.page add column newer text');
    await backUp(source, dir);
    const target = await database();
    await expect(restore(target, dir)).rejects.toThrow(/books\.page has a column newer text.*release that made it/);
    expect(await holdsNothing(target)).toBe(true);
  });

  it('is all or nothing when what is looked at before the end is not as it should be', async () => {
    const [source, target, dir] = [await filled(), await database(), folder()];
    await backUp(source, dir);
    await expect(restore(target, dir, () => Promise.reject(new Error('the log is broken')))).rejects.toThrow('broken');
    expect(await holdsNothing(target)).toBe(true);
  });

  it('leaves nothing when its connection is cut at any step, and may be done again', async () => {
    const [source, target, dir] = [await filled(5_000), await database(), folder()];
    await backUp(source, dir);
    for (const at of ['schemas', 'rows', 'end'] as const) {
      let pid: number | undefined;
      let cutting = Promise.resolve();
      const cut = () => (cutting = target.query('select pg_terminate_backend($1)', [pid]).then(() => undefined));
      const restored = restoreBackup(target, {
        folder: dir,
        schemas,
        createSchemas: async (given) => {
          const { rows } = await given.query<{ pid: number }>('select pg_backend_pid() as pid');
          pid = rows[0]?.pid;
          await given.query(tables);
          if (at === 'schemas') await cut();
        },
        // However quick the rest is, the cut comes before the commit.
        beforeCommit: () => (at === 'end' ? cut() : cutting),
        onTable: ({ name }) => {
          if (at === 'rows' && name === 'head') void cut();
        },
      });
      await expect(restored).rejects.toMatchObject({ code: 'database_unavailable', retryable: true });
      expect(await holdsNothing(target)).toBe(true);
    }
    await restore(target, dir);
    expect(await contents(target)).toEqual(await contents(source));
  });
});

async function flip(path: string, at: number): Promise<void> {
  const file = await open(path, 'r+');
  const { size } = await file.stat();
  const byte = Buffer.alloc(1);
  await file.read(byte, 0, 1, (at + size) % size);
  byte[0] = (byte[0] ?? 0) ^ 1;
  await file.write(byte, 0, 1, (at + size) % size);
  await file.close();
}
