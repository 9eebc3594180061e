import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openPool } from '@ringfence/sql-postgres/pool';
import { openScratchDatabase, type ScratchDatabase } from '@ringfence/sql-postgres/scratch-database';
import { lockFirstStart } from './first-start.js';

let database: ScratchDatabase;
beforeAll(async () => {
  database = await openScratchDatabase();
});
afterAll(() => database.close());

const never = () => new AbortController().signal;

describe('the lock of the first start', () => {
  it('has one holder at a time, and passes to the next as soon as it is released', async () => {
    const [one, other] = [openPool(database.url), openPool(database.url)];
    const release = await lockFirstStart(one, never());
    let had = false;
    const second = lockFirstStart(other, never()).then((release) => {
      had = true;
      return release;
    });
    await one.query('select pg_sleep(0.5)');
    expect(had).toBe(false);
    release();
    (await second)();
    await Promise.all([one.end(), other.end()]);
  });

  it('keeps no pool from closing, whether it was released once or twice, or waiting for it was given up', async () => {
    const [one, other] = [openPool(database.url), openPool(database.url)];
    const release = await lockFirstStart(one, never());
    const giveUp = new AbortController();
    const waiting = lockFirstStart(other, giveUp.signal);
    giveUp.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'start_given_up' });
    await other.end();
    release();
    release();
    await one.end();
  });
});
