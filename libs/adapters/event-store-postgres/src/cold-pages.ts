import type { StreamId } from '@ringfence/kernel/ids';
import { type Position, position, streamVersion, type StreamVersion } from '@ringfence/kernel/units';
import type { RecordedEvent } from '@ringfence/ports/log/event-store';
import { pagePositions } from '@ringfence/ports/log/log-segments';
import { decodePage, pageOf, withOwnBytes } from '@ringfence/ports/log/segment-page';
import type { Pool, QueryResultRow } from 'pg';
import { subjectKey } from './subject-key.js';

/** Pages that are read at once: 4 096 events. */
const pagesAtOnce = 16;

/** Events examined from a position on; `next`: the position after the last one examined. */
type ColdSpan = { readonly events: readonly RecordedEvent[]; readonly next: Position };

/** Reads events out of pages. A position that is in a page stays there, so a later read finds it too. */
export class ColdPages {
  constructor(private readonly pool: Pick<Pool, 'query'>) {}

  /** Events from a position in a page on, at most `limit` examined, as far as there are pages. */
  async read(from: Position, limit: number, omitted: readonly string[] = []): Promise<ColdSpan> {
    const end = from + limit;
    const events: RecordedEvent[] = [];
    let next: number = from;
    while (next < end) {
      const first = pageOf(next);
      const numbers = [first, Math.min(first + pagesAtOnce, pageOf(end - 1) + 1)];
      const rows = await this.#rows<PageRow>('log.pages', pagesSql, [...numbers, omitted]);
      for (const { number, bytes } of rows) {
        const wanted = ({ position: at, type }: RecordedEvent) => at >= next && at < end && !omitted.includes(type);
        if (bytes !== null) events.push(...decodePage(number, bytes).filter(wanted));
        next = Math.min(end, (number + 1) * pagePositions);
      }
      if (rows.length < pagesAtOnce) break;
    }
    return { events, next: position(next) };
  }

  /** Events at these positions, those in pages only. */
  async readAt(positions: readonly Position[]): Promise<readonly RecordedEvent[]> {
    const wanted = new Set(positions);
    const numbers = [...new Set(positions.map(pageOf))].sort((left, right) => left - right);
    return this.#pick(numbers, '', ({ position: at }) => wanted.has(at), positions.length);
  }

  /** Events of a stream with versions from `from` to below `below`, at most `limit`. */
  async readStream(
    stream: StreamId,
    from: StreamVersion,
    below: number,
    limit: number,
  ): Promise<readonly RecordedEvent[]> {
    const events: RecordedEvent[] = [];
    for (let next = from; ;) {
      const rows = await this.#rows<StreamRow>('log.page_of_stream', streamSql, [stream, next]);
      const firsts = rows.flatMap(({ pages, versions }) =>
        pages.map((number, index) => ({ number, version: versions[index] ?? 0 })),
      );
      // Where the version is that is wanted next: in the last page that does not begin after it.
      const start = Math.max(
        0,
        firsts.findLastIndex(({ version }) => version <= next),
      );
      const numbers = firsts.slice(start).flatMap(({ number, version }) => (version < below ? [number] : []));
      const wanted = (event: RecordedEvent) =>
        event.stream === stream && event.version >= next && event.version < below;
      const found = await this.#pick(numbers, stream, wanted, limit - events.length);
      events.push(...found);
      const ended = rows.length < segmentsAtOnce || (firsts.at(-1)?.version ?? below) >= below;
      if (events.length >= limit || ended) return events;
      next = streamVersion((found.at(-1)?.version ?? next) + 1);
    }
  }

  /** Events about a subject at positions below `below`, at most `limit`. */
  async readSubject(subject: string, below: number, limit: number): Promise<readonly RecordedEvent[]> {
    const key = subjectKey(subject);
    const events: RecordedEvent[] = [];
    for (let after = -1; events.length < limit;) {
      const rows = await this.#rows<{ number: number }>('log.page_of_subject', subjectSql, [key, after, pagesAtOnce]);
      const numbers = rows.map(({ number }) => number);
      const wanted = (event: RecordedEvent) => event.subject === subject && event.position < below;
      events.push(...(await this.#pick(numbers, subject, wanted, limit - events.length)));
      after = numbers.at(-1) ?? after;
      if (rows.length < pagesAtOnce) break;
    }
    return events;
  }

  async #rows<Row extends QueryResultRow>(name: string, text: string, values: unknown[]): Promise<readonly Row[]> {
    return (await this.pool.query<Row>({ name, text, values })).rows;
  }

  /**
   * Selects events out of these pages, in order, until there are `limit`. Most readers find theirs in the first page,
   * so pages are read in growing numbers.
   * @param mentioned as of `decodePage`
   */
  async #pick(
    numbers: readonly number[],
    mentioned: string,
    wanted: (event: RecordedEvent) => boolean,
    limit: number,
  ): Promise<readonly RecordedEvent[]> {
    const events: RecordedEvent[] = [];
    for (let at = 0, count = 1; at < numbers.length && events.length < limit; at += count, count = nextCount(count)) {
      const values = [numbers.slice(at, at + count)];
      const rows = await this.#rows<{ number: number; bytes: Buffer }>('log.some_pages', somePagesSql, values);
      for (const { number, bytes } of rows) {
        for (const event of decodePage(number, bytes, mentioned))
          if (events.length < limit && wanted(event)) events.push(withOwnBytes(event));
      }
    }
    return events;
  }
}

const nextCount = (count: number) => Math.min(count * 2, pagesAtOnce);

type PageRow = { readonly number: number; readonly bytes: Buffer | null };
type StreamRow = { readonly pages: readonly number[]; readonly versions: readonly number[] };

const segmentsAtOnce = 16;
const pagesSql = `select number, case when types <@ $3::text[] then null else bytes end as bytes
  from log.page where number >= $1 and number < $2 order by number`;
const somePagesSql = 'select number, bytes from log.page where number = any($1::integer[]) order by number';
const streamSql = `select pages, versions from log.page_of_stream
  where stream = $1 and version >= coalesce(
    (select max(version) from log.page_of_stream where stream = $1 and version <= $2), 0)
  order by version limit ${String(segmentsAtOnce)}`;
const subjectSql = `select distinct number from log.page_of_subject, unnest(pages) as number
  where key = $1 and number > $2 order by number limit $3`;
