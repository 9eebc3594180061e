import { isAscii } from 'node:buffer';
import type { DomainEvent } from '@ringfence/domain/domain-event';
import type { Actor, Authority, Mode } from '@ringfence/domain/shared/values';
import { eventBytesMax, type RecordedEvent } from '@ringfence/ports/log/event-store';
import type { CommandId, EventId, KeyId, LogId, StreamId } from '@ringfence/kernel/ids';
import type { EpochMs, StreamVersion } from '@ringfence/kernel/units';
import { dataCodec } from './data-codec.js';
import type { EventAttributes, EventEnvelope, RecordedEnvelope } from './envelope.js';
import { envelopeReaders, isoTimeOf, eventSourceOf } from './envelope-attributes.js';
import { eventCatalogue } from './event-catalog.js';
import { catalogFailures } from './failures.js';
import { isRecord, type Read } from './shape-codec.js';

type Decoded = { readonly ceType: string; readonly envelope: EventEnvelope };

const data = dataCodec<DomainEvent>(eventCatalogue);
/**
 * Key of the property in which bytes written by this process keep their decoded content, so that its own readers need
 * not parse them. A property and not a WeakMap, whose entries every garbage collection would visit.
 */
const decoded = Symbol('decoded');
type Written = Uint8Array & { [decoded]?: Decoded };

/**
 * An event's bytes: a CloudEvents 1.0 object as canonical JSON (RFC 8785). Final: they are hashed, chained and proved.
 * @throws Failure `event_field_invalid`, `event_too_large`
 */
export function encodeEvent(envelope: EventEnvelope): Uint8Array {
  const at = envelopeReaders;
  const { issuedBy, onBehalfOf, presentedKeyId, traceparent, decidedAtMs } = envelope;
  const logId = at.logid(envelope.logId) as string;
  const ceType = data.ceTypeOf(envelope.data);
  // Members in canonical order. Only a command id can contain characters that JSON has to escape.
  const json =
    `{"commandid":${JSON.stringify(at.commandid(envelope.commandId))}` +
    `,"data":${data.write(envelope.data)}` +
    `,"datacontenttype":"application/json"` +
    `,"decidedat":"${String(at.moment(decidedAtMs))}"` +
    `,"id":"${at.id(envelope.id) as string}"` +
    `,"issuedbyid":"${at.issuedbyid(issuedBy.id) as string}"` +
    `,"issuedbykind":"${at.writtenkind(issuedBy.kind) as string}"` +
    `,"issuedbyversion":${String(at.issuedbyversion(issuedBy.version))}` +
    `,"logid":"${logId}"` +
    `,"mode":"${at.mode(envelope.mode) as string}"` +
    (onBehalfOf === null ? '' : authorityJson(onBehalfOf)) +
    (presentedKeyId === null ? '' : `,"presentedkeyid":"${at.presentedkeyid(presentedKeyId) as string}"`) +
    `,"prevhash":"${at.prevhash(envelope.prevHash) as string}"` +
    `,"salt":"${at.salt(envelope.salt) as string}"` +
    `,"source":"${eventSourceOf(logId)}"` +
    `,"specversion":"1.0"` +
    `,"stream":"${at.stream(envelope.stream) as string}"` +
    `,"streamversion":"${String(at.version(envelope.version))}"` +
    `,"subject":"${at.subject(envelope.subject) as string}"` +
    `,"time":"${isoTimeOf(decidedAtMs)}"` +
    (traceparent === null ? '' : `,"traceparent":"${at.traceparent(traceparent) as string}"`) +
    `,"type":"${ceType}"}`;
  // Everything above is ASCII: one byte per character.
  if (json.length > eventBytesMax) throw catalogFailures.event_too_large(json.length, eventBytesMax);
  const bytes: Written = Buffer.from(json, 'latin1');
  bytes[decoded] = { ceType, envelope };
  return bytes;
}

function authorityJson(authority: Authority): string {
  const at = envelopeReaders;
  return (
    `,"onbehalfofkeyid":"${at.onbehalfofkeyid(authority.keyId) as string}"` +
    `,"onbehalfofkeyversion":${String(at.onbehalfofkeyversion(authority.keyVersion))}` +
    `,"onbehalfofpolicyhash":"${at.onbehalfofpolicyhash(authority.policyHash) as string}"`
  );
}

/**
 * Reads an event of any version up to the current one.
 * @throws Failure `event_malformed`, `event_field_invalid`, `event_type_unknown`, `event_version_unknown`: a reader
 *   stops, it never skips
 */
export function decodeEvent(bytes: Uint8Array): EventEnvelope {
  return decode(bytes).envelope;
}

/**
 * Reads an event of the log, and checks that the log files it where it belongs.
 * @throws as `decodeEvent`, and Failure `event_misfiled`
 */
export function decodeRecorded(recorded: RecordedEvent): RecordedEnvelope {
  const { ceType, envelope } = (recorded.bytes as Written)[decoded] ?? decode(recorded.bytes);
  checkFiled(recorded, ceType, envelope);
  return { ...envelope, position: recorded.position };
}

/**
 * Reads what the envelope of an event of the log says, without its data, and checks that the log files it where it
 * belongs.
 * @throws Failure `event_malformed`, `event_field_invalid`, `event_type_unknown`, `event_version_unknown`,
 *   `event_misfiled`
 */
export function decodeAttributes(recorded: RecordedEvent): EventAttributes {
  const raw = parse(recorded.bytes);
  const ceType = ceTypeIn(raw);
  const attributes = attributesOf(raw);
  checkFiled(recorded, ceType, attributes);
  return { ...attributes, type: data.typeOf(ceType), position: recorded.position };
}

function checkFiled(recorded: RecordedEvent, ceType: string, attributes: Omit<EventEnvelope, 'data'>): void {
  if (ceType !== recorded.type) throw catalogFailures.event_misfiled('type');
  if (attributes.stream !== recorded.stream) throw catalogFailures.event_misfiled('stream');
  if (attributes.version !== recorded.version) throw catalogFailures.event_misfiled('version');
  if (attributes.subject !== recorded.subject) throw catalogFailures.event_misfiled('subject');
}

/** Identity of an event, unique everywhere, and the moment when it was decided. */
type EventIdentity = { readonly id: EventId; readonly logId: LogId; readonly time: string };

/**
 * Reads only the identity of an event: a process that merely forwards events need not know their types.
 * @throws Failure `event_malformed`, `event_field_invalid`
 */
export function identityOf(bytes: Uint8Array): EventIdentity {
  const known = (bytes as Written)[decoded]?.envelope;
  if (known !== undefined) return { id: known.id, logId: known.logId, time: isoTimeOf(known.decidedAtMs) };
  const at = envelopeReaders;
  const parsed = parse(bytes);
  const decidedAtMs = at.decidedat(parsed['decidedat']) as EpochMs;
  return {
    id: at.id(parsed['id']) as EventId,
    logId: at.logid(parsed['logid']) as LogId,
    time: isoTimeOf(decidedAtMs),
  };
}

function decode(bytes: Uint8Array): Decoded {
  const raw = parse(bytes);
  const ceType = ceTypeIn(raw);
  const event = data.read(ceType, raw['data']);
  return { ceType, envelope: { ...attributesOf(raw), data: event } };
}

function ceTypeIn(raw: Record<string, unknown>): string {
  if (raw['specversion'] !== '1.0') throw catalogFailures.event_malformed('it is no CloudEvents 1.0 object');
  const ceType = raw['type'];
  if (typeof ceType !== 'string') throw catalogFailures.event_malformed('it has no type');
  return ceType;
}

function attributesOf(raw: Record<string, unknown>): Omit<EventEnvelope, 'data'> {
  const at = envelopeReaders;
  const decidedAtMs = at.decidedat(raw['decidedat']) as EpochMs;
  const logId = at.logid(raw['logid']) as LogId;
  const onBehalfOf = authorityOf(raw);
  const presentedKeyId = optional(at.presentedkeyid, raw['presentedkeyid']) as KeyId | null;
  const traceparent = optional(at.traceparent, raw['traceparent']) as string | null;
  checkDerived(raw, logId, decidedAtMs);
  const members =
    attributesAlways +
    (onBehalfOf === null ? 0 : 3) +
    (presentedKeyId === null ? 0 : 1) +
    (traceparent === null ? 0 : 1);
  if (Object.keys(raw).length !== members)
    throw catalogFailures.event_malformed('it has attributes that are not in the catalogue');
  return {
    id: at.id(raw['id']) as EventId,
    logId,
    stream: at.stream(raw['stream']) as StreamId,
    version: at.streamversion(raw['streamversion']) as StreamVersion,
    subject: at.subject(raw['subject']) as string,
    decidedAtMs,
    commandId: at.commandid(raw['commandid']) as CommandId,
    mode: at.mode(raw['mode']) as Mode,
    issuedBy: {
      kind: at.issuedbykind(raw['issuedbykind']) as Actor['kind'],
      id: at.issuedbyid(raw['issuedbyid']) as string,
      version: at.issuedbyversion(raw['issuedbyversion']) as number,
    },
    onBehalfOf,
    presentedKeyId,
    traceparent,
    prevHash: at.prevhash(raw['prevhash']) as string,
    salt: at.salt(raw['salt']) as string,
  };
}

/** The attributes from commandid to type, without the optional ones. */
const attributesAlways = 19;

function parse(bytes: Uint8Array): Record<string, unknown> {
  if (bytes.length > eventBytesMax) throw catalogFailures.event_too_large(bytes.length, eventBytesMax);
  if (!isAscii(bytes)) throw catalogFailures.event_malformed('it is not ASCII');
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    // The parser's message would quote the text.
    throw catalogFailures.event_malformed('it is not JSON');
  }
  if (!isRecord(raw)) throw catalogFailures.event_malformed('it is not an object');
  return raw;
}

function checkDerived(raw: Record<string, unknown>, logId: string, decidedAtMs: EpochMs): void {
  if (raw['datacontenttype'] !== 'application/json') throw catalogFailures.event_malformed('its data is not JSON');
  if (raw['source'] !== eventSourceOf(logId)) throw catalogFailures.event_malformed('source and logid differ');
  if (raw['time'] !== isoTimeOf(decidedAtMs)) throw catalogFailures.event_malformed('time and decidedat differ');
}

function authorityOf(raw: Record<string, unknown>): Authority | null {
  if (raw['onbehalfofkeyid'] === undefined) return null;
  const at = envelopeReaders;
  return {
    keyId: at.onbehalfofkeyid(raw['onbehalfofkeyid']) as KeyId,
    keyVersion: at.onbehalfofkeyversion(raw['onbehalfofkeyversion']) as number,
    policyHash: at.onbehalfofpolicyhash(raw['onbehalfofpolicyhash']) as string,
  };
}

function optional(read: Read, raw: unknown): unknown {
  return raw === undefined ? null : read(raw);
}
