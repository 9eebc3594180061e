import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openPool } from '@ringfence/sql-postgres/pool';
import { openScratchDatabase, type ScratchDatabase } from '@ringfence/sql-postgres/scratch-database';
import type { Pool } from 'pg';
import { PostgresRenewedDigests } from './renewed-digest-rows.js';

let scratch: ScratchDatabase;
let pool: Pool;
const renewal = (n: number, from: string, to: string) => ({
  logged: { pepperId: from, hmacSha256: String(n).padStart(64, '0') },
  renewed: { pepperId: to, hmacSha256: String(n).padStart(64, 'f') },
});

beforeAll(async () => {
  scratch = await openScratchDatabase();
  pool = openPool(scratch.url);
});
afterAll(async () => {
  await pool.end();
  await scratch.close();
});

describe('renewed digests in the vault', () => {
  it('are there for every process, of the peppers that it asks for, however often each was kept', async () => {
    const [one, two] = [await PostgresRenewedDigests.open(pool), await PostgresRenewedDigests.open(pool)];
    const many = Array.from({ length: 600 }, (_, n) => renewal(n, 'p1', 'p2'));
    await Promise.all([one, two].flatMap((store) => many.map((each) => store.record(each))));
    await two.record(renewal(7, 'p1', 'p3'));
    const found = await one.load(['p2']);
    expect(new Set(found.map(({ logged }) => logged.hmacSha256)).size).toBe(600);
    expect(found).toHaveLength(600);
    expect(found).toEqual(expect.arrayContaining(many));
    expect(await two.load(['p3', 'p4'])).toEqual([renewal(7, 'p1', 'p3')]);
  });

  it('know which peppers were retired', async () => {
    const store = await PostgresRenewedDigests.open(pool);
    await store.retire('p1');
    await store.retire('p1');
    expect([...(await store.retired())]).toEqual(['p1']);
  });
});
