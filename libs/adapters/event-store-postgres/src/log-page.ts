import type { RecordedEvent } from '@ringfence/ports/log/event-store';
import { parseStreamId, type StreamId } from '@ringfence/kernel/ids';
import { invariant } from '@ringfence/kernel/invariant';
import { position, streamVersion } from '@ringfence/kernel/units';

/** One row of `log.page`; null columns: there are no events. */
export type PageRow = {
  readonly first_position: string | null;
  readonly streams: string | null;
  readonly versions: string | null;
  readonly types: string | null;
  readonly subjects: string | null;
  readonly lengths: string | null;
  readonly bytes: Buffer | null;
};

/** Splits a page into its events. Their bytes share the page's memory. */
export function eventsOf(row: PageRow | undefined, from: number): readonly RecordedEvent[] {
  if (row?.first_position == null || row.bytes === null) return [];
  invariant(Number(row.first_position) === from, 'positions are dense: a page begins where it was asked to');
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
      position: position(from + index),
      stream: streamOf(name),
      version: streamVersion(Number(versions[index])),
      type: types[index] ?? '',
      subject: subjects[index] ?? '',
      bytes: row.bytes.subarray(offset, offset + length),
    });
    offset += length;
  }
  return events;
}

export function streamOf(name: string): StreamId {
  const stream = parseStreamId(name);
  invariant(stream !== undefined, `the log holds streams only: ${name}`);
  return stream;
}
