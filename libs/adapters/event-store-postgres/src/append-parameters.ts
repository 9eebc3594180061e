import type { AppendBatch, LaneTransaction } from '@ringfence/ports/log/event-store';
import { outcomeKey } from './outcome-key.js';

/**
 * Returns the arguments of `log.append`, in its order. Arrays are text, because the driver's own conversion costs
 * several times as much; bytes are one binary string.
 */
export function appendParameters(batch: AppendBatch): unknown[] {
  const { appends, unchanged, outcomes, fences, consumed = [] } = batch;
  const eventStreams: number[] = [];
  const eventVersions: number[] = [];
  const types: string[] = [];
  const subjects: string[] = [];
  const lengths: number[] = [];
  const bytes: Uint8Array[] = [];
  for (const [index, { expectedVersion, events }] of appends.entries()) {
    let version: number = expectedVersion;
    for (const event of events) {
      version += 1;
      eventStreams.push(index + 1);
      eventVersions.push(version);
      types.push(event.type);
      subjects.push(event.subject);
      lengths.push(event.bytes.length);
      bytes.push(event.bytes);
    }
  }
  return [
    plain(fences.map(({ lane }) => lane)),
    plain(fences.map(({ epoch }) => epoch)),
    quoted(appends.map(({ stream }) => stream)),
    plain(appends.map(({ expectedVersion }) => expectedVersion)),
    plain(appends.map(({ expectedVersion, events }) => expectedVersion + events.length)),
    plain(appends.map(({ nextDueMs }) => nextDueMs ?? 'null')),
    quoted(unchanged.map(({ stream }) => stream)),
    plain(unchanged.map(({ version }) => version)),
    plain(eventStreams),
    plain(eventVersions),
    quoted(types),
    quoted(subjects),
    plain(lengths),
    Buffer.concat(bytes),
    quoted(outcomes.map(({ stream }) => stream)),
    quoted(outcomes.map(({ commandId }) => commandId)),
    `{${outcomes.map(({ stream, commandId }) => outcomeKey(stream, commandId)).join(',')}}`,
    plain(outcomes.map(({ accepted }) => accepted)),
    plain(outcomes.map(({ lastEvent }) => lastEvent)),
    plain(outcomes.map(({ fingerprint }) => fingerprint.length)),
    plain(outcomes.map(({ body }) => body.length)),
    Buffer.concat(outcomes.flatMap(({ fingerprint, body }) => [fingerprint, body])),
    plain(consumed.map(({ lane }) => lane)),
    plain(consumed.map(({ next }) => next)),
    quoted(consumed.map(({ above }) => `{${above.join(',')}}`)),
    quoted(consumed.map(({ transactions }) => `{${transactions.flatMap(inNumbers).join(',')}}`)),
  ];
}

const stillOpen = -1n;

/** Encodes a transaction as three numbers, in the order of `log.lane.consumed_transactions`. */
function inNumbers({ producer, first, end }: LaneTransaction): readonly bigint[] {
  return [producer, first, end ?? stillOpen];
}

/** Decodes the transactions of `log.lane.consumed_transactions`. */
export function transactionsIn(numbers: readonly string[]): readonly LaneTransaction[] {
  return Array.from({ length: numbers.length / 3 }, (_, at) => {
    const [producer = 0n, first = 0n, end = stillOpen] = numbers.slice(at * 3, at * 3 + 3).map(BigInt);
    return { producer, first, end: end === stillOpen ? null : end };
  });
}

/** Makes an array literal of numbers and words that need no quotes. */
function plain(values: readonly (number | bigint | boolean | 'null')[]): string {
  return `{${values.join(',')}}`;
}

/** Makes an array literal of texts. */
function quoted(values: readonly string[]): string {
  if (values.length === 0) return '{}';
  return `{"${values.map(escaped).join('","')}"}`;
}

function escaped(text: string): string {
  return special.test(text) ? text.replace(/["\\]/g, '\\$&') : text;
}

const special = /["\\]/;
