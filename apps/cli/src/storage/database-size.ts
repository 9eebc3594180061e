import { pagePositions } from '@ringfence/ports/log/log-segments';
import type { Pool } from 'pg';

/** Bytes of a table and of all that belongs to it. */
type TableSize = {
  readonly table: string;
  /** Rows alone. */
  readonly rowBytes: number;
  /** Large values, which PostgreSQL keeps beside the rows, with their index. */
  readonly toastBytes: number;
  readonly indexBytes: number;
};

/** `eventsInSegments`: the events at the beginning of the log that are in pages; those after them are rows. */
export type DatabaseSize = {
  readonly tables: readonly TableSize[];
  readonly bytes: number;
  readonly events: number;
  readonly eventsInSegments: number;
  /** The calls that were ever placed; above a million, as the database estimates it. */
  readonly calls: number;
};

/** Measures every table of the platform, the largest first. */
export async function databaseSize(pool: Pool): Promise<DatabaseSize> {
  const tables = (await pool.query<TableRow>(tablesSql)).rows.map(
    ({ table, row_bytes: rowBytes, toast_bytes: toastBytes, index_bytes: indexBytes }) => ({
      table,
      rowBytes: Number(rowBytes),
      toastBytes: Number(toastBytes),
      indexBytes: Number(indexBytes),
    }),
  );
  const { rows } = await pool.query<{ events: string; paged: boolean }>(logSql);
  return {
    tables,
    bytes: tables.reduce((sum, each) => sum + bytesOf(each), 0),
    events: Number(rows[0]?.events ?? 0),
    // A database of an earlier release has no pages.
    eventsInSegments: rows[0]?.paged === true ? await eventsInPages(pool) : 0,
    calls: await callsIn(pool),
  };
}

export function bytesOf({ rowBytes, toastBytes, indexBytes }: TableSize): number {
  return rowBytes + toastBytes + indexBytes;
}

async function eventsInPages(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ pages: number }>('select coalesce(max(number), -1) + 1 as pages from log.page');
  return (rows[0]?.pages ?? 0) * pagePositions;
}

async function callsIn(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ calls: number | null }>(callsSql);
  const [row] = rows;
  // There is none before the first start of a projector.
  if (row === undefined) return 0;
  if (Number(row.calls) > countedMax) return Number(row.calls);
  const counted = await pool.query<{ calls: string }>('select count(*) as calls from calls.call');
  return Number(counted.rows[0]?.calls);
}

type TableRow = {
  readonly table: string;
  readonly row_bytes: string;
  readonly toast_bytes: string;
  readonly index_bytes: string;
};

/** Rows up to which they are counted one by one. */
const countedMax = 1_000_000;
const tablesSql = `select n.nspname || '.' || c.relname as table,
    pg_relation_size(c.oid) + pg_relation_size(c.oid, 'fsm') + pg_relation_size(c.oid, 'vm') as row_bytes,
    coalesce(pg_total_relation_size(nullif(c.reltoastrelid, 0)), 0) as toast_bytes,
    pg_indexes_size(c.oid) as index_bytes
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind = 'r' and c.relpersistence <> 't' and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
  order by pg_total_relation_size(c.oid) desc, 1`;
const logSql = `select next as events, to_regclass('log.page') is not null as paged from log.head`;
const callsSql = `select reltuples::float8 as calls from pg_class where oid = to_regclass('calls.call')`;
