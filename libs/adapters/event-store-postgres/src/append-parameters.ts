import type { AppendBatch } from '@ringfence/event-store/event-store';

/** The arguments of `log.append`, in its order. Arrays travel as text, bytes as one binary string. */
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
    fences.map(({ lane }) => lane),
    fences.map(({ epoch }) => epoch),
    appends.map(({ stream }) => stream),
    appends.map(({ expectedVersion }) => expectedVersion),
    appends.map(({ expectedVersion, events }) => expectedVersion + events.length),
    appends.map(({ nextDueMs }) => nextDueMs),
    unchanged.map(({ stream }) => stream),
    unchanged.map(({ version }) => version),
    eventStreams,
    eventVersions,
    types,
    subjects,
    lengths,
    Buffer.concat(bytes),
    outcomes.map(({ stream }) => stream),
    outcomes.map(({ commandId }) => commandId),
    outcomes.map(({ accepted }) => accepted),
    outcomes.map(({ lastEvent }) => lastEvent),
    outcomes.map(({ fingerprint }) => fingerprint.length),
    outcomes.map(({ body }) => body.length),
    Buffer.concat(outcomes.flatMap(({ fingerprint, body }) => [fingerprint, body])),
    consumed.map(({ lane }) => lane),
    consumed.map(({ next }) => next.toString()),
    consumed.map(({ above }) => `{${above.join(',')}}`),
  ];
}
