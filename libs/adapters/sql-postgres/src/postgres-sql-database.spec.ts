import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { openPool } from './pool.js';
import { PostgresSqlDatabase } from './postgres-sql-database.js';
import { openScratchDatabase, type ScratchDatabase } from './scratch-database.js';
import { preparedMax } from './statement-names.js';

let server: ScratchDatabase;
let pool: pg.Pool;
let db: PostgresSqlDatabase;

beforeAll(async () => {
  server = await openScratchDatabase();
  // One connection: what is prepared on it is seen on it.
  pool = openPool(server.url, { connectionsMax: 1, pipelined: true });
  db = new PostgresSqlDatabase(pool);
});
afterAll(async () => {
  await pool.end();
  await server.close();
});

/** Counts the executions of a prepared statement on the connection; undefined: it is not prepared. */
async function executed(sql: string): Promise<number | undefined> {
  const { rows } = await pool.query<{ readonly times: string }>(
    'select generic_plans + custom_plans as times from pg_prepared_statements where statement = $1',
    [sql],
  );
  return rows.length === 0 ? undefined : rows.reduce((sum, { times }) => sum + Number(times), 0);
}

describe('a statement', () => {
  it('with parameters is prepared once for its connection, in and out of transactions', async () => {
    const sql = 'select $1::integer + 1 as next';
    for (const number of [1, 2]) expect(await db.query(sql, [number])).toEqual([{ next: number + 1 }]);
    expect(await db.transaction((tx) => tx.query(sql, [3]))).toEqual([{ next: 4 }]);
    expect(await executed(sql)).toBe(3);
  });

  it('that is to be planned each time, or has no parameters, is not prepared', async () => {
    const sql = 'select $1::integer + 2 as next';
    expect(await db.query(sql, [1], 'each_time')).toEqual([{ next: 3 }]);
    expect(await db.transaction((tx) => tx.query(sql, [1], 'each_time'))).toEqual([{ next: 3 }]);
    expect(await db.query('select 7 as next')).toEqual([{ next: 7 }]);
    expect([await executed(sql), await executed('select 7 as next')]).toEqual([undefined, undefined]);
  });
});

describe('a prepared statement', () => {
  const connectionsMax = 3;
  const find = 'select * from shown.item where id = $1';
  let wide: pg.Pool;
  let several: PostgresSqlDatabase;
  beforeAll(() => {
    wide = openPool(server.url, { connectionsMax });
    several = new PostgresSqlDatabase(wide);
  });
  afterAll(() => wide.end());
  const answers = async () => [await several.query(find, [1]), await several.transaction((tx) => tx.query(find, [1]))];

  /** Prepares the statement on every connection, and executes it so often that its plan is kept for any parameters. */
  async function prepareEverywhere(): Promise<void> {
    for (let time = 0; time < 8; time += 1)
      await Promise.all(Array.from({ length: connectionsMax }, () => several.query(find, [1])));
    expect(wide.totalCount).toBe(connectionsMax);
  }

  /** Replaces the table as a rebuild does: by renaming the schemas of both. */
  async function swapIn(table: string): Promise<void> {
    await pool.query(`create schema shown_next; create table shown_next.item (${table})`);
    await pool.query(`insert into shown_next.item (id, label) values (1, 'rebuilt')`);
    await db.transaction(async (tx) => {
      await tx.query('alter schema shown rename to shown_old');
      await tx.query('alter schema shown_next rename to shown');
    });
    await pool.query('drop schema shown_old cascade');
  }

  it('reads the table that has replaced its own, also one with other columns', async () => {
    await pool.query(`create schema shown; create table shown.item (id integer primary key, label text)`);
    await pool.query(`insert into shown.item values (1, 'first')`);
    await prepareEverywhere();
    await swapIn('id integer primary key, label text');
    const same = [{ id: 1, label: 'rebuilt' }];
    expect(await answers()).toEqual([same, same]);
    await prepareEverywhere();
    await swapIn(`id integer primary key, state text default 'new', label text`);
    const wider = [{ id: 1, state: 'new', label: 'rebuilt' }];
    expect(await answers()).toEqual([wider, wider]);
  });

  it('fails a transaction on a table with other columns once: nothing before it is executed twice', async () => {
    await prepareEverywhere();
    await swapIn('id integer primary key, label text, size integer');
    await expect(several.transaction((tx) => tx.query(find, [1]))).rejects.toMatchObject({ code: '0A000' });
    const sized = [{ id: 1, label: 'rebuilt', size: null }];
    expect(await several.transaction((tx) => tx.query(find, [1]))).toEqual(sized);
  });
});

describe('a transaction', () => {
  const add = 'insert into added values ($1::integer)';
  const added = async () => (await pool.query<{ readonly n: number }>('select n from added order by n')).rows;
  beforeEach(() => pool.query('create table if not exists added (n integer primary key); truncate added'));

  it('sends what nobody waits for with the next query or the commit, in order', async () => {
    const writes = await writesDuring(() =>
      db.transaction(async (tx) => {
        for (const number of [1, 2]) tx.execute(add, [number]);
        expect(await tx.query('select n from added order by n', [])).toEqual([{ n: 1 }, { n: 2 }]);
        tx.execute('update added set n = n + $1::integer', [10]);
        for (const number of [1, 2]) tx.execute(add, [number]);
      }),
    );
    expect(writes).toBe(2);
    expect(await added()).toEqual([1, 2, 11, 12].map((n) => ({ n })));
  });

  it('fails with the first of its failures, and keeps nothing', async () => {
    const writing = db.transaction((tx) => {
      for (const number of [1, 1, 2]) tx.execute(add, [number]);
      tx.execute('select 1 / $1::integer', [0]);
      return Promise.resolve();
    });
    await expect(writing).rejects.toMatchObject({ code: '23505' });
    const asking = db.transaction(async (tx) => {
      for (const number of [3, 3]) tx.execute(add, [number]);
      return tx.query('select n from added', []);
    });
    await expect(asking).rejects.toMatchObject({ code: '23505' });
    expect(await added()).toEqual([]);
  });

  it('sends nothing more when its work fails', async () => {
    const refused = db.transaction((tx) => {
      tx.execute(add, [1]);
      return Promise.reject(new Error('not so'));
    });
    await expect(refused).rejects.toThrow('not so');
    expect(await added()).toEqual([]);
  });

  it('fails as unavailable, to be repeated, when its connection ends', async () => {
    const ended = db.transaction((tx) => {
      tx.execute(add, [1]);
      tx.execute('select pg_terminate_backend(pg_backend_pid()) where $1', [true]);
      tx.execute(add, [2]);
      return Promise.resolve();
    });
    await expect(ended).rejects.toMatchObject({ code: 'database_unavailable', retryable: true });
    expect(await added()).toEqual([]);
  });

  it('does the same over a connection that is not pipelined', async () => {
    const plain = openPool(server.url, { connectionsMax: 1 });
    const inTurn = new PostgresSqlDatabase(plain);
    await inTurn.transaction(async (tx) => {
      tx.execute(add, [1]);
      expect(await tx.query('select n from added', [])).toEqual([{ n: 1 }]);
      tx.execute(add, [2]);
    });
    const writing = inTurn.transaction((tx) => {
      for (const number of [3, 3]) tx.execute(add, [number]);
      tx.execute('select 1 / $1::integer', [0]);
      return Promise.resolve();
    });
    await expect(writing).rejects.toMatchObject({ code: '23505' });
    await plain.end();
    expect(await added()).toEqual([{ n: 1 }, { n: 2 }]);
  });

  /** Counts the writes to the socket of the pool's only connection. */
  async function writesDuring(work: () => Promise<unknown>): Promise<number> {
    const client = await pool.connect();
    const { stream } = client.connection;
    client.release();
    const sent = ['_write', '_writev'] as const;
    let writes = 0;
    for (const name of sent) {
      const own = stream[name]?.bind(stream);
      Object.defineProperty(stream, name, {
        configurable: true,
        value: (...args: readonly unknown[]) => {
          writes += 1;
          return Reflect.apply(own ?? (() => undefined), stream, args) as unknown;
        },
      });
    }
    await work();
    for (const name of sent) Reflect.deleteProperty(stream, name);
    return writes;
  }
});

describe('a connection', () => {
  it('keeps a bounded number of statements prepared, and answers all', async () => {
    for (let number = 0; number < preparedMax + 20; number += 1)
      expect(await db.query(`select $1::integer as number_${String(number)}`, [number])).toEqual([
        { [`number_${String(number)}`]: number },
      ]);
    const [found] = await db.query<{ readonly held: string }>('select count(*) as held from pg_prepared_statements');
    expect(Number(found?.held)).toBeLessThanOrEqual(preparedMax);
    expect(Number(found?.held)).toBeGreaterThan(preparedMax / 2);
  });
});
