import { canonicalJson } from '@ringfence/event-catalog/canonical-json';
import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import { decodeRecorded } from '@ringfence/event-catalog/event-codec';
import { hashOf, noPrevHash } from '@ringfence/event-catalog/hash';
import { Failure } from '@ringfence/kernel/failure';
import { parseStreamId } from '@ringfence/kernel/ids';
import type { JsonObject } from '@ringfence/kernel/json';
import { position, streamVersion } from '@ringfence/kernel/units';
import type { FiledRow } from './log-source.js';

/** A violation of a rule. Contains no value of an event. */
export type Finding = {
  readonly position: number;
  readonly stream: string;
  readonly version: number;
  readonly rule: Rule;
  readonly what: string;
};

/** Rules that every log must satisfy. */
type Rule =
  | 'positions_are_dense'
  | 'versions_are_gapless'
  | 'hashes_chain'
  | 'bytes_are_canonical'
  | 'events_are_readable'
  | 'one_log'
  | 'time_runs_forward';

type LogCheck = {
  /** Checks the next event in order. @returns the decoded event; undefined when it is unreadable, which is a finding */
  readonly next: (event: FiledRow) => RecordedEnvelope | undefined;
  readonly findings: readonly Finding[];
  readonly streams: () => number;
};

type Link = { readonly version: number; readonly hash: string; readonly decidedAtMs: number };

/**
 * Checks events, in order, against the rules. After a finding the check continues from the event as stored, so that one
 * broken place is one finding and not a million.
 * @param dense whether every position is expected (the whole log), or only every version of each stream (one account)
 */
export function logCheck(dense: boolean): LogCheck {
  const findings: Finding[] = [];
  const links = new Map<string, Link>();
  let nextPosition = 0;
  let logId: string | undefined;

  const find = (event: FiledRow, rule: Rule, what: string): void => {
    const { position, stream, version } = event;
    findings.push({ position, stream, version, rule, what });
  };

  function next(event: FiledRow): RecordedEnvelope | undefined {
    if (dense && event.position !== nextPosition)
      find(event, 'positions_are_dense', `position ${String(nextPosition)} was expected`);
    nextPosition = event.position + 1;
    const last = links.get(event.stream);
    const expectedVersion = (last?.version ?? 0) + 1;
    if (event.version !== expectedVersion)
      find(event, 'versions_are_gapless', `version ${String(expectedVersion)} was expected`);
    const envelope = decoded(event, find);
    if (envelope !== undefined) {
      if (envelope.prevHash !== (last?.hash ?? noPrevHash))
        find(
          event,
          'hashes_chain',
          last === undefined
            ? 'the first event names a predecessor'
            : `it does not follow from version ${String(last.version)}`,
        );
      if (last !== undefined && envelope.decidedAtMs < last.decidedAtMs)
        find(event, 'time_runs_forward', 'decided before its predecessor');
      logId ??= envelope.logId;
      if (envelope.logId !== logId) find(event, 'one_log', 'it belongs to another log');
    }
    links.set(event.stream, {
      version: event.version,
      hash: hashOf(event.bytes),
      decidedAtMs: envelope?.decidedAtMs ?? last?.decidedAtMs ?? 0,
    });
    return envelope;
  }

  return { next, findings, streams: () => links.size };
}

function decoded(
  event: FiledRow,
  find: (event: FiledRow, rule: Rule, what: string) => void,
): RecordedEnvelope | undefined {
  const stream = parseStreamId(event.stream);
  if (stream === undefined) {
    find(event, 'events_are_readable', 'it is filed under a name that is no stream');
    return undefined;
  }
  try {
    const envelope = decodeRecorded({
      ...event,
      stream,
      position: position(event.position),
      version: streamVersion(event.version),
    });
    const text = Buffer.from(event.bytes.buffer, event.bytes.byteOffset, event.bytes.byteLength).toString('utf8');
    // It has been decoded, so it is a JSON object.
    const json = JSON.parse(text) as JsonObject;
    if (canonicalJson(json) !== text) find(event, 'bytes_are_canonical', 'its bytes are not canonical JSON');
    if (json['type'] !== event.type)
      find(event, 'events_are_readable', 'it is filed under another type than its bytes say');
    return envelope;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    find(event, 'events_are_readable', error.message);
    return undefined;
  }
}
