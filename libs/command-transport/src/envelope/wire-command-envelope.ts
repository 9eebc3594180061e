import type { Principal } from '@ringfence/domain/shared/values';
import { isoTimeOf } from '@ringfence/event-catalog/envelope-attributes';
import { compileReader, isRecord } from '@ringfence/event-catalog/shape-codec';
import { Failure } from '@ringfence/kernel/failure';
import { parseCommandId, parseKeyId, parseStreamId } from '@ringfence/kernel/ids';
import type { JsonObject } from '@ringfence/kernel/json';
import { type EpochMs, epochMs } from '@ringfence/kernel/units';
import type { CloudEvent } from '@ringfence/wire/cloud-event';
import { isHomeOf } from '@ringfence/commands/command-home';
import type { SubmittedCommand } from '@ringfence/commands/command-dispatcher';
import type { WireCommand } from '@ringfence/commands/command-definitions';
import { isConsistent, onTopic, toWire, wireCommandCodec } from './command-codec.js';
import { writtenType } from './internal-command-type.js';

/** The address of a reply: the partition that the requester reads, and its correlation id for this attempt. */
export type ReplyAddress = {
  readonly partition: number;
  readonly correlation: string;
  /** A dedicated topic of replies; without it the shared one. */
  readonly topic?: string;
};

/** A command between its gateway and its lane. */
export type WireCommandEnvelope = Omit<SubmittedCommand, 'payload'> & {
  readonly payload: WireCommand;
  readonly issuedAtMs: EpochMs;
  readonly replyTo: ReplyAddress;
};

const replyToPattern = /^(\d{1,6})\.([A-Za-z0-9_-]{1,64})$/;

export function commandEvent(
  command: SubmittedCommand,
  issuedAtMs: EpochMs,
  replyTo: ReplyAddress,
  source: string,
): CloudEvent {
  const { commandId, stream, traceparent, fingerprint, idChosenByClient, result, principal, deadlineMs } = command;
  const { ceType, json } = onTopic(toWire(command.payload));
  const rest = {
    by: principalBody(principal),
    deadlineMs,
    fingerprint: Buffer.from(fingerprint).toString('base64'),
    idChosenByClient,
    result,
  };
  return {
    id: commandId,
    source,
    type: ceType,
    subject: stream,
    time: isoTimeOf(issuedAtMs),
    extensions: {
      replyto: `${String(replyTo.partition)}.${replyTo.correlation}`,
      ...(traceparent === null ? {} : { traceparent }),
    },
    // The payload is JSON already: its codec wrote it, field by field.
    data: Buffer.from(`{"command":${JSON.stringify(rest)},"wish":${json}}`),
  };
}

/**
 * @throws Failure `event_type_unknown`, `event_version_unknown`, `event_field_invalid`, which names the field and never
 * its value
 */
export function readCommandEvent({ id, type, subject, time, extensions, data }: CloudEvent): WireCommandEnvelope {
  const body = parsed(data);
  const command = body['command'];
  if (!isRecord(command)) throw invalid('data.command', 'an object');
  const stream = parseStreamId(subject ?? '') ?? fail('subject', 'an account id or `platform`');
  const payload = wireCommandCodec.read(writtenType(type), body['wish']);
  if (!isHomeOf(stream, payload)) throw invalid('subject', 'the account that the command is about');
  if (!isConsistent(payload))
    throw invalid('data.wish', 'consistent: an ended call, and no other, has a cause and a time');
  const { result } = command;
  if (!isRecord(result)) throw invalid('data.command.result', 'an object');
  return {
    commandId: parseCommandId(id) ?? fail('id', 'a command id'),
    idChosenByClient: flagReader(command['idChosenByClient']) as boolean,
    fingerprint: Buffer.from(textOf(command['fingerprint'], 'data.command.fingerprint'), 'base64'),
    stream,
    principal: principalOf(command['by']),
    payload,
    // JSON.parse made it, and the MAC authenticates the text.
    result: result as JsonObject,
    deadlineMs: epochMs(momentReader(command['deadlineMs']) as number),
    traceparent: extensions['traceparent'] ?? null,
    issuedAtMs: epochMs(momentReader(Date.parse(time ?? '')) as number),
    replyTo: replyToOf(extensions['replyto'] ?? ''),
  };
}

const flagReader = compileReader({ kind: 'flag' }, 'data.command.idChosenByClient');
const momentReader = compileReader({ kind: 'epochMs' }, 'deadlineMs and time');

export function parsed(data: Uint8Array): Record<string, unknown> {
  try {
    const body: unknown = JSON.parse(Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString());
    if (isRecord(body)) return body;
  } catch {
    // Said below, without what it was.
  }
  throw invalid('data', 'a JSON object');
}

export function replyToOf(text: string): ReplyAddress {
  const [, partition = '', correlation = ''] = replyToPattern.exec(text) ?? fail('replyto', 'a partition and a name');
  return { partition: Number(partition), correlation };
}

function principalBody(principal: Principal): JsonObject {
  switch (principal.kind) {
    case 'key':
      return { kind: principal.kind, id: principal.keyId, home: principal.home };
    case 'worker':
      return { kind: principal.kind, id: principal.workerId };
    case 'operator':
      return { kind: principal.kind, id: principal.name };
    case 'timer':
      return { kind: principal.kind };
  }
}

function principalOf(raw: unknown): Principal {
  const field = 'data.command.by';
  if (!isRecord(raw)) throw invalid(field, 'an object');
  const { kind, home } = raw;
  switch (kind) {
    case 'key': {
      const keyId = parseKeyId(textOf(raw['id'], field)) ?? fail(field, 'a key id');
      if (home !== 'account' && home !== 'platform') throw invalid(field, 'at home in `account` or `platform`');
      return { kind, keyId, home };
    }
    case 'worker':
      return { kind, workerId: textOf(raw['id'], field) };
    case 'operator':
      return { kind, name: textOf(raw['id'], field) };
    default:
      throw invalid(field, 'a key, a worker or an operator: time is the lane’s own');
  }
}

function textOf(raw: unknown, field: string): string {
  return typeof raw === 'string' ? raw : fail(field, 'text');
}

function fail(field: string, wanted: string): never {
  throw invalid(field, wanted);
}

function invalid(field: string, wanted: string): Failure {
  return new Failure('command_field_invalid', `${field} must be ${wanted}`, false);
}
