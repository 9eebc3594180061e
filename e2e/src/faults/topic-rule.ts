import { hashOf } from '@ringfence/event-catalog/hash';
import { laneOf } from '@ringfence/kernel/lane';
import type { KeptRun } from './kept-run.js';

type Expected = { readonly position: number; readonly stream: string; readonly hash: string };

/** Each partition of the topic holds all its events in the log's order. One may stand there again; none may be missing. */
export function topicIsWhole({
  recorded,
  topic,
  laneCount,
}: Pick<KeptRun, 'recorded' | 'topic' | 'laneCount'>): readonly string[] {
  const expected = Array.from({ length: laneCount }, (): Expected[] => []);
  for (const { position, stream, bytes } of recorded)
    expected[laneOf(stream, laneCount)]?.push({ position, stream, hash: hashOf(bytes) });
  const places = expected.map((events) => new Map(events.map(({ position }, at) => [position, at])));
  /** Of each partition, how many of its events stand in the topic so far. */
  const reached = expected.map(() => 0);
  const faults: string[] = [];
  for (const record of topic) {
    const { partition, kind, previous } = record;
    const events = expected[partition] ?? [];
    const there = reached[partition] ?? 0;
    if (kind === 'watermark') {
      const lacking = events[there];
      if (lacking !== undefined && lacking.position < record.head)
        faults.push(
          `partition ${String(partition)} says that it is at ${String(record.head)} and lacks ${String(lacking.position)}`,
        );
      continue;
    }
    const place = places[partition]?.get(record.position);
    const event = place === undefined ? undefined : events[place];
    const name = `position ${String(record.position)} in partition ${String(partition)}`;
    if (place === undefined || event === undefined) {
      faults.push(`${name} is nothing that belongs there`);
      continue;
    }
    if (event.hash !== record.hash) faults.push(`${name} has other bytes than in the log`);
    if (event.stream !== record.key) faults.push(`${name} has the key ${record.key} and not ${event.stream}`);
    if ((events[place - 1]?.position ?? null) !== previous)
      faults.push(`${name} says that it follows ${String(previous)}`);
    if (place > there) faults.push(`${name} comes where ${String(events[there]?.position)} is missing`);
    reached[partition] = Math.max(there, place + 1);
  }
  for (const [partition, events] of expected.entries()) {
    const missing = events[reached[partition] ?? 0];
    if (missing !== undefined) faults.push(`partition ${String(partition)} ends before ${String(missing.position)}`);
  }
  return faults;
}
