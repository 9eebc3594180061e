import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Pool } from 'pg';
import { withClient } from './held-client.js';
import { isUnavailable, openPool } from './pool.js';
import { openScratchDatabase, type ScratchDatabase } from './scratch-database.js';

const withCode = (code: string, fields: object = {}) => Object.assign(new Error('words'), { code, ...fields });

/** Builds a message of PostgreSQL's protocol: a letter, a length that counts itself, a body. */
function serverMessage(letter: string, body: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(4 + body.length);
  return Buffer.concat([Buffer.from(letter), length, body]);
}
const authenticated = serverMessage('R', Buffer.alloc(4));
const readyForQuery = serverMessage('Z', Buffer.from('I'));
const goingAway = serverMessage('E', Buffer.from('SFATAL\0C57P01\0Mterminating connection\0\0'));

describe('a failure of a statement', () => {
  it.each(['08006', '25006', '28P01', '40001', '53100', '53300', '55P03', '57014', '57P01', '58030'])(
    'with SQLSTATE %s says that the database is away, full or busy',
    (code) => {
      expect(isUnavailable(withCode(code))).toBe(true);
    },
  );

  it.each(['EAI_AGAIN', 'ENETUNREACH', 'ECONNREFUSED', 'ENOENT'])('with %s of a system call says so too', (code) => {
    expect(isUnavailable(withCode(code, { syscall: 'connect' }))).toBe(true);
  });

  it.each(['22001', '23505', '42P01', 'RF002'])('with SQLSTATE %s does not', (code) => {
    expect(isUnavailable(withCode(code))).toBe(false);
  });
});

describe('a server that goes away at the moment it accepts a connection', () => {
  it('fails his statement, and not the process', async () => {
    const server = createServer((socket) => {
      socket.once('data', () => socket.end(Buffer.concat([authenticated, readyForQuery, goingAway])));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const pool = openPool(`postgres://nobody@127.0.0.1:${String(port)}/none`, { connectionsMax: 1 });
    try {
      const failure: unknown = await withClient(pool, (client) => client.query('select 1')).catch(
        (thrown: unknown) => thrown,
      );
      expect(isUnavailable(failure)).toBe(true);
    } finally {
      await pool.end();
      server.close();
    }
  });
});

describe('a connection that somebody works on alone', () => {
  let database: ScratchDatabase;
  let pool: Pool;
  beforeAll(async () => {
    database = await openScratchDatabase();
    pool = openPool(database.url, { connectionsMax: 2 });
  });
  afterAll(async () => {
    await pool.end();
    await database.close();
  });

  it('fails its work alone when it is cut, and is not given to anybody else', async () => {
    const cut = withClient(pool, async (client) => {
      const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
      // It breaks while nobody waits for an answer.
      const ended = new Promise((resolve) => client.once('end', resolve));
      await pool.query('select pg_terminate_backend($1, 10000)', [rows[0]?.pid]);
      await ended;
      await client.query('select 1');
    });
    await expect(cut).rejects.toThrow();
    await expect(pool.query('select 1 as one')).resolves.toMatchObject({ rows: [{ one: 1 }] });
  });

  it('is ended after work that failed, because it may be inside a transaction', async () => {
    let pid = 0;
    const failed = withClient(pool, async (client) => {
      const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
      pid = rows[0]?.pid ?? 0;
      await client.query('begin');
      throw new Error('in the middle');
    });
    await expect(failed).rejects.toThrow('in the middle');
    for (let ask = 0; ask < 4; ask += 1) {
      const { rows } = await pool.query<{ pid: number }>('select pg_backend_pid() as pid');
      expect(rows[0]?.pid).not.toBe(pid);
    }
  });
});

describe('a pool whose connections are all cut', () => {
  it('fails what was under way, and has new ones for the next caller', async () => {
    const connectionsMax = 3;
    const database = await openScratchDatabase();
    const [pool, outside] = [
      openPool(database.url, { connectionsMax, applicationName: 'cut' }),
      openPool(database.url),
    ];
    try {
      const all = () =>
        Promise.all(Array.from({ length: connectionsMax }, () => pool.query("select pg_sleep(0.05), 'served' as how")));
      await all();
      expect(pool.totalCount).toBe(connectionsMax);
      const gone = new Promise<void>((resolve) => {
        pool.on('remove', () => {
          if (pool.totalCount === 0) resolve();
        });
      });
      const underWay = pool.query('select pg_sleep(600)').catch((failure: unknown) => isUnavailable(failure));
      const isWorking = async () => {
        const { rows } = await outside.query("select 1 from pg_stat_activity where application_name = 'cut' and state = 'active'"); // prettier-ignore
        return rows.length > 0;
      };
      while (!(await isWorking()));
      await outside.query("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'cut'");
      expect(await underWay).toBe(true);
      await gone;
      for (const { rows } of await all()) expect(rows).toMatchObject([{ how: 'served' }]);
    } finally {
      await Promise.all([pool.end(), outside.end()]);
      await database.close();
    }
  });
});
