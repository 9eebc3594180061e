import { invariant } from '@ringfence/kernel/invariant';
import { position } from '@ringfence/kernel/units';
import type { RecordedEvent } from '@ringfence/ports/log/event-store';
import {
  type ColdPages,
  type LogSegments,
  type MovedPages,
  type MoveOutcome,
  pagePositions,
} from '@ringfence/ports/log/log-segments';
import { decodePage, encodePage } from '@ringfence/ports/log/segment-page';
import { withClient } from '@ringfence/sql-postgres/held-client';
import type { Pool, PoolClient } from 'pg';
import { eventsOf, pageQuery, type PageRow } from './log-page.js';
import { SegmentIndex } from './segment-index.js';
import { withStoreFailures } from './store-failures.js';

/** Lock that permits one move at a time; any fixed number. */
const moveLock = 7_350_005;

/**
 * The segments of the log in PostgreSQL. A move is one transaction: after a crash at any moment, the rows are there or
 * the pages are. Rows are deleted, not dropped with a partition: a reader's snapshot and a backup stay whole, and no
 * append waits for a lock (docs/adr/0026). Their space is reused, because each move is followed by a VACUUM.
 */
export class PostgresLogSegments implements LogSegments {
  constructor(private readonly pool: Pool) {}

  async moveCold(cold: ColdPages): Promise<MovedPages> {
    return withStoreFailures(() =>
      withClient(this.pool, async (client) => {
        const look = await lookAt(client, cold, seamSql);
        if (look.outcome !== null) return look.moved(look.outcome);
        await client.query('begin');
        const result = await moveWithin(client, cold);
        await client.query('commit');
        // Without truncation, which would lock out appends.
        if (result.outcome === 'moved') await client.query('vacuum (skip_locked, truncate false) log.event');
        return result;
      }),
    );
  }
}

async function moveWithin(client: PoolClient, cold: ColdPages): Promise<MovedPages> {
  // A statement of its own: what the next one sees was committed when the lock was taken.
  const taken = await client.query<{ locked: boolean }>('select pg_try_advisory_xact_lock($1) as locked', [moveLock]);
  const look = await lookAt(client, cold, takenSql);
  if (taken.rows[0]?.locked !== true) return look.moved('moved_by_another');
  if (look.outcome !== null) return look.moved(look.outcome);
  const { pages, afterPage } = cold;
  const end = look.next + pages;
  const index = new SegmentIndex();
  for (let number = look.next; number < end; number += 1) {
    index.add(number, await movePage(client, number));
    await afterPage?.();
  }
  await index.write(client);
  const { rowCount } = await client.query(deleteSql, [look.next * pagePositions, end * pagePositions]);
  invariant(rowCount === pages * pagePositions, 'the rows of a move are those of its pages');
  return look.moved('moved', pages);
}

/** Finds the seam, and why nothing can be moved; `outcome` null: it can. */
async function lookAt(client: PoolClient, { hotEvents, pages }: ColdPages, sql: string): Promise<Look> {
  const { rows } = await client.query<SeamRow>(sql);
  const [row] = rows;
  invariant(row !== undefined, 'the log has one head');
  const coldPages = Math.max(0, Math.floor((Number(row.head) - hotEvents) / pagePositions) - row.next);
  const moved = (outcome: MoveOutcome, count = 0): MovedPages => ({
    outcome,
    next: position((row.next + count) * pagePositions),
    coldEvents: (coldPages - count) * pagePositions,
  });
  return { next: row.next, moved, outcome: coldPages < pages ? 'nothing_cold' : obstacleOf(row) };
}

function obstacleOf({ former }: SeamRow): MoveOutcome | null {
  return former === true ? 'former_release' : null;
}

/** Writes a page and verifies it: what the database gives back has to be what the rows hold. */
async function movePage(client: PoolClient, number: number): Promise<readonly RecordedEvent[]> {
  const from = position(number * pagePositions);
  const { rows } = await client.query<PageRow>(pageQuery(from, pagePositions));
  const events = eventsOf(rows[0], from);
  const types = [...new Set(events.map(({ type }) => type))];
  const values = [number, types, await encodePage(number, events)];
  await client.query({ name: 'log.write_page', text: writeSql, values });
  const stored = await client.query<{ bytes: Buffer }>({ name: 'log.read_page', text: readSql, values: [number] });
  const [page] = stored.rows;
  invariant(page !== undefined, 'a page that was written is there');
  const found = decodePage(number, page.bytes);
  invariant(
    found.every((event, at) => isSame(event, events[at])),
    `page ${String(number)} holds what its rows do`,
  );
  return events;
}

function isSame(found: RecordedEvent, written: RecordedEvent | undefined): boolean {
  return (
    written !== undefined &&
    found.position === written.position &&
    found.stream === written.stream &&
    found.version === written.version &&
    found.type === written.type &&
    found.subject === written.subject &&
    Buffer.compare(found.bytes, written.bytes) === 0
  );
}

type Look = {
  readonly next: number;
  /** null: pages can be moved. */
  readonly outcome: MoveOutcome | null;
  readonly moved: (outcome: MoveOutcome, pages?: number) => MovedPages;
};
/** `next`: the next page. `former`: of `takenSql`. */
type SeamRow = { readonly head: string; readonly next: number; readonly former?: boolean };

const seam = 'next as head, (select coalesce(max(number), -1) + 1 from log.page) as next';
const seamSql = `select ${seam} from log.head`;
// Processes of the releases before segments read rows only. Sessions of ours are named `ringfence: …`.
const takenSql = `select ${seam}, exists (
    select from pg_stat_activity
    where datname = current_database() and (application_name like 'ringfence %' or application_name = 'ringfence-cli')
  ) as former from log.head`;
const writeSql = 'insert into log.page (number, types, bytes) values ($1, $2, $3)';
const readSql = 'select bytes from log.page where number = $1';
const deleteSql = 'delete from log.event where position >= $1 and position < $2';
