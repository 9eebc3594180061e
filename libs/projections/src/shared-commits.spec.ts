import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Position, position } from '@ringfence/kernel/units';
import type { SqlDatabase } from '@ringfence/ports/sql/sql-database';
import { openPool } from '@ringfence/sql-postgres/pool';
import { PostgresSqlDatabase } from '@ringfence/sql-postgres/postgres-sql-database';
import { openScratchDatabase, type ScratchDatabase } from '@ringfence/sql-postgres/scratch-database';
import type { Pool } from 'pg';
import { createSchema, ensureOwnTables, lockCheckpoint, moveCheckpoint, readCheckpoint } from './checkpoints.js';
import { runnable } from './runnable-projection.js';
import { SharedCommits, type SharedWrite } from './shared-commits.js';

const names = ['first', 'second', 'third'] as const;
let scratch: ScratchDatabase;
let pool: Pool;
let db: PostgresSqlDatabase;
let transactions: number;
let commits: SharedCommits;

beforeAll(async () => {
  scratch = await openScratchDatabase();
  pool = openPool(scratch.url, { connectionsMax: 5 });
  db = new PostgresSqlDatabase(pool);
  await ensureOwnTables(db);
});
afterAll(async () => {
  await pool.end();
  await scratch.close();
});
beforeEach(async () => {
  for (const name of names) await db.transaction((tx) => createSchema(tx, counting(name), name, 1));
  transactions = 0;
  const counted: SqlDatabase = {
    query: (sql, params) => db.query(sql, params),
    transaction: (work) => {
      transactions += 1;
      return db.transaction(work);
    },
  };
  commits = new SharedCommits(counted);
});

function counting(name: string) {
  return runnable({
    name,
    version: 1,
    order: 'stream',
    tables: 'create table noted (at integer primary key)',
    newBatch: () => null,
    on: {} as never,
    write: () => undefined,
  });
}

const alone: string[] = [];
/** A write of one row, to `to`. */
function noting(schema: string, to: Position, row = 1): SharedWrite<string> {
  const within: SharedWrite<string>['within'] = (tx, checkpoint) => {
    if (checkpoint === undefined || checkpoint.position >= to)
      return Promise.resolve({ result: 'stays', moveTo: null });
    tx.execute('insert into noted values ($1::integer)', [row]);
    return Promise.resolve({ result: schema, moveTo: to });
  };
  return {
    schema,
    hasRows: true,
    within,
    alone: () => {
      alone.push(schema);
      transactions += 1;
      return db.transaction(async (tx) => {
        const { result, moveTo } = await within(tx, await lockCheckpoint(tx, schema));
        if (moveTo !== null) moveCheckpoint(tx, schema, moveTo);
        return result;
      });
    },
  };
}

const positionsOf = () => Promise.all(names.map(async (name) => (await readCheckpoint(db, name))?.position));
async function rowsIn(schema: string): Promise<number> {
  return (await db.query(`select from ${schema}.noted`)).length;
}

describe('writes of projections that are due at the same time', () => {
  beforeEach(() => {
    alone.splice(0);
  });

  it('share one transaction, each in its own schema, and move their checkpoints together', async () => {
    const results = await Promise.all(names.map((name, at) => commits.commit(noting(name, position(at + 1)))));
    expect(results).toEqual([...names]);
    expect(await positionsOf()).toEqual([1, 2, 3]);
    expect(await Promise.all(names.map(rowsIn))).toEqual([1, 1, 1]);
    expect([transactions, alone]).toEqual([1, []]);
  });

  it('are repeated each in its own if one of them fails, and that one alone fails', async () => {
    await db.query('insert into second.noted values (1)');
    const results = await Promise.allSettled(names.map((name) => commits.commit(noting(name, position(5)))));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await positionsOf()).toEqual([5, 0, 5]);
    expect(alone).toEqual([...names]);
  });

  it('count once where another process has written the same meanwhile', async () => {
    const others = new SharedCommits(db);
    const twice = [commits, others].flatMap((each) => names.map((name) => each.commit(noting(name, position(7)))));
    const results = await Promise.all(twice);
    expect(results.filter((result) => result !== 'stays').sort()).toEqual([...names].sort());
    expect(await Promise.all(names.map(rowsIn))).toEqual([1, 1, 1]);
  });

  it('are a transaction of its own where there is only one', async () => {
    expect(await commits.commit(noting('first', position(1)))).toBe('first');
    expect([transactions, alone]).toEqual([1, ['first']]);
  });
});
