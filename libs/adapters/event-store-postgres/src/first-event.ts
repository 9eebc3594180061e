import { position } from '@ringfence/kernel/units';
import type { Pool } from 'pg';
import { eventsOf, pageQuery, type PageRow } from './log-page.js';
import { withStoreFailures } from './store-failures.js';

/**
 * Reads the bytes of the first event in a database, without a store, which would create a missing schema; undefined:
 * there is no log.
 * @throws Failure `event_store_unavailable` (retryable)
 */
export async function firstEventOf(pool: Pick<Pool, 'query'>): Promise<Uint8Array | undefined> {
  return withStoreFailures(async () => {
    const there = await pool.query<{ log: boolean }>(`select to_regproc('log.page') is not null as log`);
    if (there.rows[0]?.log !== true) return undefined;
    const { rows } = await pool.query<PageRow>(pageQuery(position(0), 1));
    return eventsOf(rows[0], position(0))[0]?.bytes;
  });
}
