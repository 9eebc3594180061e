import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PostgresLogSegments } from '@ringfence/event-store-postgres/log-segments';
import { PostgresEventStore } from '@ringfence/event-store-postgres/postgres-event-store';
import { platformStream } from '@ringfence/kernel/ids';
import { pagePositions } from '@ringfence/ports/log/log-segments';
import { account, allLanes, batchOf } from '@ringfence/ports/log/sample-batches';
import { openPool } from '@ringfence/sql-postgres/pool';
import { openScratchDatabase, type ScratchDatabase } from '@ringfence/sql-postgres/scratch-database';
import { type LogSource, postgresLogSource } from './log-source.js';

const turns = 40;
const eventsPerTurn = 30;

describe('the stored log, part of which is in pages', () => {
  let database: ScratchDatabase;
  let pool: ReturnType<typeof openPool>;
  let source: LogSource;

  beforeAll(async () => {
    database = await openScratchDatabase();
    pool = openPool(database.url, { connectionsMax: 2 });
    const store = await PostgresEventStore.open(pool);
    const fences = await store.takeLanes(allLanes, 'writer');
    for (let turn = 0; turn < turns; turn += 1) {
      const stream = turn % 2 === 0 ? account(1) : platformStream;
      const texts = Array.from({ length: eventsPerTurn }, (_, at) => `${String(turn)}.${String(at)}`);
      await store.append(batchOf(fences, [{ stream, after: Math.floor(turn / 2) * eventsPerTurn, texts }]));
    }
    expect(await new PostgresLogSegments(pool).moveCold({ hotEvents: 0, pages: 4 })).toMatchObject({
      outcome: 'moved',
    });
    await store.close();
    source = postgresLogSource(pool);
  });
  afterAll(async () => {
    await pool.end();
    await database.close();
  });

  /** Reads page after page until there is nothing more. */
  async function all(from: number, page: (from: number) => Promise<readonly number[]>): Promise<readonly number[]> {
    const found: number[] = [];
    for (let next = from; ;) {
      const read = await page(next);
      found.push(...read);
      if (read.length === 0) return found;
      next = (read.at(-1) ?? 0) + 1;
    }
  }
  const positions = (from: number) =>
    all(from, async (next) => (await source.page(next)).map(({ position }) => position));
  const upTo = (from: number, end: number) => Array.from({ length: end - from }, (_, at) => from + at);

  it('is read from any position and any version, each event once', async () => {
    for (const from of [0, 255, 256, 1_000, 1_023, 1_024, 1_199, 1_200])
      expect(await positions(from)).toEqual(upTo(from, turns * eventsPerTurn));
    for (const from of [1, 29, 400, 550, 600, 601]) {
      const versions = await all(from, async (next) =>
        (await source.streamPage(account(1), next)).map(({ version }) => version),
      );
      expect(versions).toEqual(upTo(from, (turns / 2) * eventsPerTurn + 1));
    }
    expect(await source.streamPage(account(7), 1)).toEqual([]);
  });

  it('lacks the positions of a page that cannot be decoded', async () => {
    await pool.query('update log.page set bytes = set_byte(bytes, 99, get_byte(bytes, 99) # 1) where number = 1');
    expect(await positions(0)).toEqual([...upTo(0, pagePositions), ...upTo(2 * pagePositions, turns * eventsPerTurn)]);
  });
});
