import type { FilteredPage, RecordedEvent } from '@ringfence/ports/log/event-store';
import { parseStreamId, type StreamId } from '@ringfence/kernel/ids';
import { invariant } from '@ringfence/kernel/invariant';
import { type Position, position, streamVersion } from '@ringfence/kernel/units';
import { pagePositions } from '@ringfence/ports/log/log-segments';
import type { QueryConfig } from 'pg';

/** One row of `pageQuery`; null columns: there are no events. */
export type PageRow = {
  readonly first_position: string | null;
  readonly streams: string | null;
  readonly versions: string | null;
  readonly types: string | null;
  readonly subjects: string | null;
  readonly lengths: string | null;
  /** All bytes in the form of `encode(…, 'escape')`. */
  readonly bytes: string | null;
  /** The number of pages, if the first row is not the one that was requested; null: there are none. */
  readonly pages: number | null;
};

/** One row of `filteredPageQuery`; null positions of first and last: there are no events. */
export type FilteredPageRow = PageRow & {
  readonly last_position: string | null;
  /** The number of events examined. */
  readonly examined: string;
  /** null, as the columns of `PageRow`: none of the events examined is returned. */
  readonly positions: string | null;
};

/** Query for a page of at most `limit` events. */
export function pageQuery(from: Position, limit: number): QueryConfig {
  return { name: 'log.page', text: pageSql, values: [from, limit] };
}

/** Query for a page without events of some types, of at most `limit` events examined. */
export function filteredPageQuery(omitted: readonly string[], from: Position, limit: number): QueryConfig {
  return { name: 'log.page_except', text: filteredPageSql, values: [from, limit, omitted] };
}

// Events are ASCII: escaped, a byte travels as one character, where a bytea would take two, and longer to read.
const pageSql = `select first_position, streams, versions, types, subjects, lengths, encode(bytes, 'escape') as bytes,
    case when first_position is distinct from $1 then (select max(number) + 1 from log.page) end as pages
  from log.page($1, $2)`;
// The order within keeps the subquery apart: each event's type is compared once, not once for each column.
const filteredPageSql = `
  select min(position) as first_position, max(position) as last_position, count(*) as examined,
    string_agg(position::text, ' ' order by position) filter (where wanted) as positions,
    string_agg(stream, ' ' order by position) filter (where wanted) as streams,
    string_agg(version::text, ' ' order by position) filter (where wanted) as versions,
    string_agg(type, ' ' order by position) filter (where wanted) as types,
    string_agg(subject, ' ' order by position) filter (where wanted) as subjects,
    string_agg(length(bytes)::text, ' ' order by position) filter (where wanted) as lengths,
    encode(string_agg(bytes, ''::bytea order by position) filter (where wanted), 'escape') as bytes,
    case when min(position) is distinct from $1 then (select max(number) + 1 from log.page) end as pages
  from (
    select *, type <> all($3::text[]) as wanted from log.event
    where position >= $1::bigint and position < $1 + $2::integer order by position
  ) as event`;

/** Says whether a position is not in a row, because it is in a page. */
export function isCold(row: PageRow | undefined, from: Position): boolean {
  return row?.pages != null && from < row.pages * pagePositions;
}

/** Splits a page into its events. Their bytes share the page's memory. */
export function eventsOf(row: PageRow | undefined, from: number): readonly RecordedEvent[] {
  if (row?.first_position == null) return [];
  checkStart(row, from);
  return splitEvents(row, (index) => position(from + index));
}

/** Splits a page as `eventsOf` does. */
export function filteredPageOf(row: FilteredPageRow | undefined, from: Position): FilteredPage {
  if (row?.first_position == null) return { events: [], next: from };
  checkStart(row, from);
  const next = position(Number(row.last_position) + 1);
  invariant(Number(row.examined) === next - from, 'positions are dense: a page has no gap');
  const positions = row.positions?.split(' ') ?? [];
  return { events: splitEvents(row, (index) => position(Number(positions[index]))), next };
}

function checkStart(row: PageRow, from: number): void {
  invariant(Number(row.first_position) === from, 'positions are dense: a page begins where it was asked to');
}

function splitEvents(row: PageRow, positionAt: (index: number) => Position): readonly RecordedEvent[] {
  if (row.bytes === null) return [];
  const bytes = unescaped(row.bytes);
  const streams = row.streams?.split(' ') ?? [];
  const versions = row.versions?.split(' ') ?? [];
  const types = row.types?.split(' ') ?? [];
  const subjects = row.subjects?.split(' ') ?? [];
  const lengths = row.lengths?.split(' ') ?? [];
  const events: RecordedEvent[] = [];
  let offset = 0;
  for (const [index, name] of streams.entries()) {
    const length = Number(lengths[index]);
    events.push({
      position: positionAt(index),
      stream: streamOf(name),
      version: streamVersion(Number(versions[index])),
      type: types[index] ?? '',
      subject: subjects[index] ?? '',
      bytes: bytes.subarray(offset, offset + length),
    });
    offset += length;
  }
  return events;
}

function unescaped(escaped: string): Buffer {
  const text = escaped.includes('\\')
    ? escaped.replace(/\\(\\|[0-7]{3})/g, (_, code: string) =>
        code === '\\' ? code : String.fromCharCode(Number.parseInt(code, 8)),
      )
    : escaped;
  return Buffer.from(text, 'latin1');
}

/** An event as a row of its own. */
export type EventRow = {
  readonly position: string;
  readonly stream: string;
  readonly version: number;
  readonly type: string;
  readonly subject: string;
  readonly bytes: Buffer;
};

export function eventIn({ position: at, stream, version, type, subject, bytes }: EventRow): RecordedEvent {
  return {
    position: position(Number(at)),
    stream: streamOf(stream),
    version: streamVersion(version),
    type,
    subject,
    bytes,
  };
}

export function streamOf(name: string): StreamId {
  const stream = parseStreamId(name);
  invariant(stream !== undefined, `the log holds streams only: ${name}`);
  return stream;
}
