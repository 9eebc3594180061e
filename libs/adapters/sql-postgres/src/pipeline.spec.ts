import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Pool } from 'pg';
import { Pipeline } from './pipeline.js';
import { isUnavailable, openPool } from './pool.js';
import { openScratchDatabase, type ScratchDatabase } from './scratch-database.js';

let database: ScratchDatabase;
let pool: Pool;
let outside: Pool;
beforeAll(async () => {
  database = await openScratchDatabase();
  pool = openPool(database.url, { connectionsMax: 2, pipelined: true });
  outside = openPool(database.url, { connectionsMax: 1 });
});
afterAll(async () => {
  await Promise.all([pool.end(), outside.end()]);
  await database.close();
});

const session = { name: 'session', text: 'select pg_backend_pid() as pid, $1::integer as number' };

describe('a pipeline', () => {
  it('sends the statements of one turn on one connection, and gives each its own answer', async () => {
    const pipeline = new Pipeline(pool);
    const numbers = Array.from({ length: 20 }, (_, at) => at);
    const answers = await Promise.all(
      numbers.map((number) =>
        pipeline.query<{ readonly pid: number; readonly number: number }>({ ...session, values: [number] }),
      ),
    );
    const rows = answers.flatMap((answer) => answer.rows);
    expect(rows.map(({ number }) => number)).toEqual(numbers);
    expect(new Set(rows.map(({ pid }) => pid)).size).toBe(1);
  });

  it('sends once what is asked for several times in a turn, and again in the next', async () => {
    const pipeline = new Pipeline(pool);
    await outside.query('create sequence sent');
    const asked = (who: string) =>
      pipeline.query<{ readonly times: string }>({
        name: 'sent',
        text: `select nextval('sent') as times, $1::text as who`,
        values: [who],
      });
    const turn = await Promise.all([asked('a'), asked('b'), asked('a'), asked('a')]);
    expect(turn.flatMap(({ rows }) => rows)).toMatchObject([
      { times: '1', who: 'a' },
      { times: '2', who: 'b' },
      { times: '1', who: 'a' },
      { times: '1', who: 'a' },
    ]);
    expect((await asked('a')).rows).toMatchObject([{ times: '3', who: 'a' }]);
  });

  it('fails a statement alone: those before and after it are answered', async () => {
    const pipeline = new Pipeline(pool);
    const [before, wrong, after] = await Promise.allSettled([
      pipeline.query({ ...session, values: [1] }),
      pipeline.query({ name: 'wrong', text: 'select $1::integer / 0', values: [1] }),
      pipeline.query({ ...session, values: [2] }),
    ]);
    expect([before.status, after.status]).toEqual(['fulfilled', 'fulfilled']);
    expect(wrong).toMatchObject({ status: 'rejected', reason: { code: '22012' } });
    expect((await pipeline.query({ ...session, values: [3] })).rows).toMatchObject([{ number: 3 }]);
  });

  it('fails all that wait on a connection that is cut, and answers the next', async () => {
    const pipeline = new Pipeline(pool);
    const cut = [
      pipeline.query({ name: 'sleeps', text: 'select pg_sleep(600), $1::text', values: ['cut me'] }),
      pipeline.query({ ...session, values: [1] }),
    ].map((answer) => answer.catch((failure: unknown) => isUnavailable(failure)));
    const isAsleep = async () => {
      const { rows } = await outside.query<{ readonly pid: number }>(
        `select pid from pg_stat_activity where query like 'select pg_sleep(600)%' and state = 'active'`,
      );
      return rows[0]?.pid;
    };
    let asleep = await isAsleep();
    while (asleep === undefined) asleep = await isAsleep();
    await outside.query('select pg_terminate_backend($1)', [asleep]);
    expect(await Promise.all(cut)).toEqual([true, true]);
    expect((await pipeline.query({ ...session, values: [4] })).rows).toMatchObject([{ number: 4 }]);
  });

  it('fails all of a turn if there is no connection', async () => {
    const nowhere = openPool('postgres://nobody@127.0.0.1:1/none', { connectionsMax: 1, pipelined: true });
    const pipeline = new Pipeline(nowhere);
    const answers = await Promise.allSettled([1, 2].map((number) => pipeline.query({ ...session, values: [number] })));
    for (const answer of answers)
      expect(answer).toMatchObject({ status: 'rejected', reason: { code: 'ECONNREFUSED' } });
    await nowhere.end();
  });
});
