import { position } from '@ringfence/kernel/units';
import type { Pool } from 'pg';
import { ColdPages } from './cold-pages.js';
import { withStoreFailures } from './store-failures.js';

/**
 * Reads the bytes of the first event in a database, without a store, which would create a missing schema; undefined:
 * there is no log.
 * @throws Failure `event_store_unavailable` (retryable)
 */
export async function firstEventOf(pool: Pick<Pool, 'query'>): Promise<Uint8Array | undefined> {
  return withStoreFailures(async () => {
    const there = await pool.query<{ log: boolean; pages: boolean }>(thereSql);
    if (there.rows[0]?.log !== true) return undefined;
    const { rows } = await pool.query<{ bytes: Buffer }>('select bytes from log.event where position = 0');
    if (rows[0] !== undefined || !there.rows[0].pages) return rows[0]?.bytes;
    return (await new ColdPages(pool).readAt([position(0)]))[0]?.bytes;
  });
}

// A database of an earlier release has no pages.
const thereSql = `select to_regclass('log.event') is not null as log, to_regclass('log.page') is not null as pages`;
