import { decodePage, pageOf } from '@ringfence/ports/log/segment-page';
import type { ClientBase, Pool } from 'pg';
import type { FiledRow } from './log-source.js';

const pagesAtOnce = 16;

type StoredPage = { readonly number: number; readonly bytes: Buffer };

/** The pages of the stored log. A page that cannot be decoded is left out: its positions are then missing. */
export function storedPages(pool: Pool | ClientBase) {
  const there = async (): Promise<boolean> => {
    // A database of an earlier release has no pages.
    const { rows } = await pool.query<{ there: boolean }>(`select to_regclass('log.page') is not null as there`);
    return rows[0]?.there === true;
  };
  const read = async (sql: string, values: unknown[], wanted: (row: FiledRow) => boolean) => {
    const { rows } = await pool.query<StoredPage>(sql, values);
    return { rows, events: rows.flatMap(eventsOf).filter(wanted) };
  };
  return {
    /** Events at or after a position, in order, of some pages; none: they are not in a page. */
    from: async (from: number): Promise<readonly FiledRow[]> => {
      if (!(await there())) return [];
      for (let number = pageOf(from); ;) {
        const { rows, events } = await read(pagesSql, [number], ({ position }) => position >= from);
        if (events.length > 0 || rows.length < pagesAtOnce) return events;
        number = (rows.at(-1)?.number ?? number) + 1;
      }
    },
    /** Events of a stream from a version on, in order, of some pages. */
    ofStream: async (stream: string, fromVersion: number): Promise<readonly FiledRow[]> => {
      if (!(await there())) return [];
      const wanted = (row: FiledRow) => row.stream === stream && row.version >= fromVersion;
      for (let after = -1; ;) {
        const { rows, events } = await read(streamSql, [stream, fromVersion, after], wanted);
        if (events.length > 0 || rows.length < pagesAtOnce) return events;
        after = rows.at(-1)?.number ?? after;
      }
    },
  };
}

function eventsOf({ number, bytes }: StoredPage): readonly FiledRow[] {
  try {
    return decodePage(number, bytes);
  } catch {
    return [];
  }
}

const pagesSql = `select number, bytes from log.page where number >= $1 order by number limit ${String(pagesAtOnce)}`;
const streamSql = `select number, bytes from log.page where number in (
    select unnest(pages) from log.page_of_stream where stream = $1 and version >= coalesce(
      (select max(version) from log.page_of_stream where stream = $1 and version <= $2), 0)
  ) and number > $3 order by number limit ${String(pagesAtOnce)}`;
