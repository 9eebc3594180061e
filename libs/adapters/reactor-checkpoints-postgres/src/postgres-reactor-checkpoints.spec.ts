import { position } from '@ringfence/kernel/units';
import { openPool } from '@ringfence/sql-postgres/pool';
import { openScratchDatabase, type ScratchDatabase } from '@ringfence/sql-postgres/scratch-database';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Pool } from 'pg';
import { PostgresReactorCheckpoints } from './postgres-reactor-checkpoints.js';

describe("the reactors' checkpoints in PostgreSQL", () => {
  let database: ScratchDatabase;
  let pool: Pool;
  beforeAll(async () => {
    database = await openScratchDatabase();
    pool = openPool(database.url);
  });
  afterAll(async () => {
    await pool.end();
    await database.close();
  });

  it('begin at the first event', async () => {
    const checkpoints = await PostgresReactorCheckpoints.open(pool);
    expect((await checkpoints.take('fresh', 'one')).next).toBe(0);
  });

  it('hand on how far the last owner came', async () => {
    const before = await (await PostgresReactorCheckpoints.open(pool)).take('carrier', 'one');
    await before.save(position(7));
    await before.save(position(42));
    const after = await (await PostgresReactorCheckpoints.open(pool)).take('carrier', 'two');
    expect(after.next).toBe(42);
  });

  it('let an owner that was replaced save nothing more', async () => {
    const checkpoints = await PostgresReactorCheckpoints.open(pool);
    const replaced = await checkpoints.take('erasure', 'one');
    const owner = await checkpoints.take('erasure', 'two');
    await expect(replaced.save(position(9))).rejects.toMatchObject({ code: 'reactor_lease_lost', retryable: false });
    await owner.save(position(5));
    expect((await checkpoints.take('erasure', 'three')).next).toBe(5);
  });

  it('keep reactors apart', async () => {
    const checkpoints = await PostgresReactorCheckpoints.open(pool);
    await (await checkpoints.take('left', 'one')).save(position(3));
    expect((await checkpoints.take('right', 'one')).next).toBe(0);
  });

  it('can be opened by several processes at once', async () => {
    await pool.query('drop schema reactor cascade');
    await Promise.all(Array.from({ length: 4 }, () => PostgresReactorCheckpoints.open(pool)));
  });

  it('say that the database is away in a way that can be retried', async () => {
    const away = openPool('postgres://nobody@127.0.0.1:1/nothing');
    await expect(PostgresReactorCheckpoints.open(away)).rejects.toMatchObject({
      code: 'reactor_checkpoints_unavailable',
      retryable: true,
    });
    await away.end();
  });
});
