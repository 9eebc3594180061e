import type { AccountId, CommandId, StreamId } from '@ringfence/kernel/ids';
import { laneOf, type Lane } from '@ringfence/kernel/lane';
import { streamVersion, type EpochMs } from '@ringfence/kernel/units';
import type { AppendBatch, EventToAppend, LaneFence } from './event-store.js';

/** Small batches with readable contents, for tests. */
export const laneCount = 64;
export const allLanes = Array.from({ length: laneCount }, (_, lane) => lane as Lane);

/** A valid account id that ends in `number`. */
export function account(number: number): AccountId {
  return `acc_${number.toString().padStart(26, '0')}` as AccountId;
}

export function command(text: string): CommandId {
  return text as CommandId;
}

export function event(text: string, subject = 'key_1'): EventToAppend {
  return { type: 'ringfence.test.happened.v1', subject, bytes: Buffer.from(JSON.stringify({ text })) };
}

export function textOf({ bytes }: { readonly bytes: Uint8Array }): string {
  return Buffer.from(bytes).toString();
}

type Part = {
  readonly stream: StreamId;
  readonly after: number;
  readonly texts: readonly string[];
  readonly dueMs?: number;
};

/** A batch of these parts; everything else empty. */
export function batchOf(
  fences: readonly LaneFence[],
  parts: readonly Part[],
  rest: Partial<AppendBatch> = {},
): AppendBatch {
  return {
    appends: parts.map(({ stream, after, texts, dueMs }) => ({
      stream,
      expectedVersion: streamVersion(after),
      events: texts.map((text) => event(text)),
      nextDueMs: dueMs === undefined ? null : (dueMs as EpochMs),
    })),
    unchanged: [],
    outcomes: [],
    fences: fencesOf(
      fences,
      parts.map(({ stream }) => stream),
    ),
    ...rest,
  };
}

/** Selects the fences under which these streams are written. */
export function fencesOf(fences: readonly LaneFence[], streams: readonly StreamId[]): readonly LaneFence[] {
  const lanes = new Set(streams.map((stream) => laneOf(stream, laneCount)));
  return fences.filter(({ lane }) => lanes.has(lane));
}

export function outcome(stream: StreamId, id: string, lastEvent: number): AppendBatch['outcomes'][number] {
  return {
    stream,
    commandId: command(id),
    fingerprint: Buffer.from(`fingerprint of ${id}`),
    accepted: lastEvent >= 0,
    body: Buffer.from(`{"of":${JSON.stringify(id)}}`),
    lastEvent,
  };
}
