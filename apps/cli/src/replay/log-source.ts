import { sqlStateOf, unavailable } from '@ringfence/sql-postgres/pool';
import type { ClientBase, Pool } from 'pg';
import { cliFailures } from '../failures.js';
import { storedPages } from './stored-pages.js';

/** An event as stored; nothing of it has been checked. */
export type FiledRow = {
  readonly position: number;
  readonly stream: string;
  readonly version: number;
  readonly type: string;
  readonly subject: string;
  readonly bytes: Uint8Array;
};

/** The stored log. Read without the event store's code, which could not read a broken log; never written. */
export interface LogSource {
  readonly head: () => Promise<number>;
  /** Events at or after a position, in order, at most `pageEventsMax`. */
  readonly page: (from: number) => Promise<readonly FiledRow[]>;
  /** Events of one stream from a version on, in order, at most `pageEventsMax`. */
  readonly streamPage: (stream: string, fromVersion: number) => Promise<readonly FiledRow[]>;
}

const pageEventsMax = 5_000;

type Row = Omit<FiledRow, 'position'> & { readonly position: string };

const columns = 'select position, stream, version, type, subject, bytes from log.event';
/** SQLSTATE undefined_table and invalid_schema_name. */
const noLogStates = ['42P01', '3F000'];

/**
 * @param pool a client reads the log as its transaction sees it
 * @throws Failure `log_missing`, `database_unavailable` (retryable) from every method
 */
export function postgresLogSource(pool: Pool | ClientBase): LogSource {
  const mapErrors = async <Found>(question: () => Promise<Found>): Promise<Found> =>
    question().catch((error: unknown) => {
      if (noLogStates.includes(sqlStateOf(error) ?? '')) throw cliFailures.log_missing();
      throw unavailable('database_unavailable', error);
    });
  const rows = (where: string, values: unknown[]): Promise<readonly FiledRow[]> =>
    mapErrors(async () => {
      const found = await pool.query<Row>(`${columns} where ${where} limit ${String(pageEventsMax)}`, values);
      return found.rows.map((row) => ({ ...row, position: Number(row.position) }));
    });
  const cold = storedPages(pool);
  return {
    head: () =>
      mapErrors(async () =>
        Number((await pool.query<{ next: string }>('select next from log.head')).rows[0]?.next ?? 0),
      ),
    // Rows first: what is moved into a page in between is in both, never in neither.
    page: async (from) => {
      const hot = await rows('position >= $1 order by position', [from]);
      if (hot[0]?.position === from) return hot;
      const moved = await mapErrors(() => cold.from(from));
      return moved.length > 0 ? moved : hot;
    },
    streamPage: async (stream, fromVersion) => {
      const hot = await rows('stream = $1 and version >= $2 order by version', [stream, fromVersion]);
      if (hot[0]?.version === fromVersion) return hot;
      const moved = await mapErrors(() => cold.ofStream(stream, fromVersion));
      return moved.length > 0 ? moved : hot;
    },
  };
}
