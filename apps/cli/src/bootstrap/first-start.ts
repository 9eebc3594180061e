import type { Pool } from 'pg';

/** Checks whether any process has made the first start of this database. */
export async function wasBootstrapped(pool: Pick<Pool, 'query'>): Promise<boolean> {
  const there = await pool.query<{ log: boolean }>(`select to_regclass('log.outcome') is not null as log`);
  if (there.rows[0]?.log !== true) return false;
  const { rows } = await pool.query(
    `select from log.outcome where stream = 'platform' and command_id = 'bootstrap:operator-key'`,
  );
  if (rows.length > 0) return true;
  const { rows: events } = await pool.query<{ next: string }>('select next from log.head');
  // LogOpened alone, or the first steps of an interrupted start: the server completes it.
  return Number(events[0]?.next ?? 0) > 3;
}
