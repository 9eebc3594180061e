import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { BrokenInvariant } from '@ringfence/kernel/invariant';
import { position } from '@ringfence/kernel/units';
import { pagePositions } from '@ringfence/ports/log/log-segments';
import { logSegmentsContract } from '@ringfence/ports/log/log-segments.contract';
import { encodePage } from '@ringfence/ports/log/segment-page';
import { account, allLanes, batchOf } from '@ringfence/ports/log/sample-batches';
import { openPool } from '@ringfence/sql-postgres/pool';
import { openScratchDatabase } from '@ringfence/sql-postgres/scratch-database';
import { firstEventOf } from './first-event.js';
import { PostgresLogSegments } from './log-segments.js';
import { PostgresEventStore } from './postgres-event-store.js';

const emptySql =
  'truncate log.event, log.page, log.page_of_stream, log.page_of_subject, log.stream, log.lane, log.outcome';

logSegmentsContract('PostgreSQL', async () => {
  const database = await openScratchDatabase();
  const outside = openPool(database.url, { connectionsMax: 1 });
  await (await PostgresEventStore.open(outside)).close();
  const pools: ReturnType<typeof openPool>[] = [];
  const endPools = async () => {
    for (const pool of pools.splice(0)) await pool.end();
  };
  return {
    open: async () => {
      const pool = openPool(database.url, { connectionsMax: 3 });
      pools.push(pool);
      return { store: await PostgresEventStore.open(pool), segments: new PostgresLogSegments(pool) };
    },
    clear: async () => {
      await endPools();
      await outside.query(emptySql);
      await outside.query('update log.head set next = 0');
    },
    close: async () => {
      await endPools();
      await outside.end();
      await database.close();
    },
  };
});

describe('a move from rows into a segment', () => {
  let database: Awaited<ReturnType<typeof openScratchDatabase>>;
  let pool: ReturnType<typeof openPool>;
  let store: PostgresEventStore;
  const twoPages = { hotEvents: 0, pages: 2 };

  beforeAll(async () => {
    database = await openScratchDatabase();
    pool = openPool(database.url, { connectionsMax: 3 });
    store = await PostgresEventStore.open(pool);
  });
  beforeEach(async () => {
    await pool.query(emptySql);
    await pool.query('update log.head set next = 0');
    await append();
  });
  afterAll(async () => {
    await store.close();
    await pool.end();
    await database.close();
  });
  const append = async () => {
    const fences = await store.takeLanes(allLanes, 'writer');
    const texts = Array.from({ length: pagePositions * 2 }, (_, at) => `${String(at)} ${'-'.repeat(2_000)}`);
    await store.append(batchOf(fences, [{ stream: account(1), after: await store.head(), texts }]));
  };
  const inTables = async () => {
    const sql = `select (select count(*)::integer from log.event) as rows, (select count(*)::integer from log.page) as pages`;
    return (await pool.query<{ rows: number; pages: number }>(sql)).rows[0];
  };
  const moveCold = () => new PostgresLogSegments(pool).moveCold(twoPages);

  it('waits while a process of a release that reads rows only is connected', async () => {
    for (const applicationName of ['ringfence log', 'ringfence read models', 'ringfence-cli']) {
      const former = openPool(database.url, { connectionsMax: 1, applicationName });
      await former.query('select 1');
      expect(await moveCold()).toEqual({ outcome: 'former_release', next: 0, coldEvents: 2 * pagePositions });
      await former.end();
    }
    const ours = openPool(database.url, { connectionsMax: 1, applicationName: 'ringfence: log' });
    await ours.query('select 1');
    expect(await moveCold()).toMatchObject({ outcome: 'moved' });
    await ours.end();
    expect(await inTables()).toEqual({ rows: 0, pages: 2 });
  });

  it.each(['another page', 'a page of other bytes', 'a page with a wrong byte', 'a page that ends early'])(
    'keeps the rows, and undoes all of it, when the database gives back %s',
    async (what) => {
      const events = await store.readAll(position(pagePositions), pagePositions);
      const others = events.map((event, at) => (at === 200 ? { ...event, bytes: Buffer.from('other') } : event));
      const changes: Readonly<Record<string, string>> = {
        'another page': 'select bytes into new.bytes from log.page where number = 0',
        'a page of other bytes': `new.bytes := '\\x${(await encodePage(1, others)).toString('hex')}'`,
        'a page with a wrong byte': 'new.bytes := set_byte(new.bytes, 90, get_byte(new.bytes, 90) # 1)',
        'a page that ends early': 'new.bytes := substring(new.bytes for length(new.bytes) - 9)',
      };
      await pool.query(`create or replace function damage() returns trigger language plpgsql as $$ begin
        if new.number = 1 then ${changes[what] ?? ''}; end if; return new; end $$`);
      await pool.query('create trigger damage before insert on log.page for each row execute function damage()');
      await expect(moveCold()).rejects.toThrow();
      await pool.query('drop trigger damage on log.page');
      expect(await inTables()).toEqual({ rows: 2 * pagePositions, pages: 0 });
    },
  );

  it('moves nothing out of rows with a gap', async () => {
    await pool.query('delete from log.event where position = 300');
    await expect(moveCold()).rejects.toBeInstanceOf(BrokenInvariant);
    expect(await inTables()).toEqual({ rows: 2 * pagePositions - 1, pages: 0 });
  });

  it('leaves a first event that is found before a store is opened', async () => {
    await moveCold();
    const [first] = await store.readAll(position(0), 1);
    expect(await firstEventOf(pool)).toEqual(first?.bytes);
  });

  it('leaves space that the next rows take', async () => {
    const size = async () => {
      const { rows } = await pool.query<{ size: number }>(`select pg_relation_size('log.event')::integer as size`);
      return rows[0]?.size ?? 0;
    };
    const before = await size();
    for (let turn = 0; turn < 4; turn += 1) {
      await moveCold();
      await append();
    }
    expect(await size()).toBeLessThan(before * 1.5);
  });
});
