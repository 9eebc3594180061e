import type { StreamId } from '@ringfence/kernel/ids';
import type { RecordedEvent } from '@ringfence/ports/log/event-store';
import type { PoolClient } from 'pg';
import { subjectKey } from './subject-key.js';

type StreamPages = { lastPosition: number; readonly pages: number[]; readonly versions: number[] };

/**
 * The index of one segment: a row for each of its streams and subjects, with the pages that they are in. A row an event
 * would be larger than what compression leaves of the event.
 */
export class SegmentIndex {
  readonly #streams = new Map<StreamId, StreamPages>();
  readonly #subjects = new Map<bigint, number[]>();

  /** Adds the events of a page; pages come in order. */
  add(number: number, events: readonly RecordedEvent[]): void {
    for (const { stream, version, position } of events) {
      const found = this.#streams.get(stream) ?? { lastPosition: 0, pages: [], versions: [] };
      this.#streams.set(stream, found);
      found.lastPosition = position;
      if (found.pages.at(-1) === number) continue;
      found.pages.push(number);
      found.versions.push(version);
    }
    for (const subject of new Set(events.map((event) => event.subject))) {
      const key = subjectKey(subject);
      const pages = this.#subjects.get(key) ?? [];
      this.#subjects.set(key, pages);
      if (pages.at(-1) !== number) pages.push(number);
    }
  }

  async write(client: PoolClient): Promise<void> {
    const streams = [...this.#streams];
    await client.query(streamsSql, [
      streams.map(([stream]) => stream),
      streams.map(([, { versions }]) => versions[0]),
      streams.map(([, { lastPosition }]) => lastPosition),
      streams.map(([, { pages }]) => arrayOf(pages)),
      streams.map(([, { versions }]) => arrayOf(versions)),
    ]);
    // In the order of keys, so that neighbours are written together.
    const subjects = [...this.#subjects].sort(([left], [right]) => (left < right ? -1 : 1));
    await client.query(subjectsSql, [subjects.map(([key]) => key), subjects.map(([, pages]) => arrayOf(pages))]);
  }
}

/** Makes an array literal: arrays of arrays of different lengths travel as texts. */
function arrayOf(numbers: readonly number[]): string {
  return `{${numbers.join(',')}}`;
}

const streamsSql = `insert into log.page_of_stream (stream, version, last_position, pages, versions)
  select stream, version, last_position, pages::integer[], versions::integer[]
  from unnest($1::text[], $2::integer[], $3::bigint[], $4::text[], $5::text[])
    as found (stream, version, last_position, pages, versions)`;
const subjectsSql = `insert into log.page_of_subject (key, pages)
  select key, pages::integer[] from unnest($1::bigint[], $2::text[]) as found (key, pages)`;
