import { actorKinds, modes, writtenActorKinds } from '@ringfence/domain/shared/values';
import { platformStream, sharedStreams, streamPrefixes } from '@ringfence/kernel/ids';
import { catalogFailures } from './failures.js';
import { compileReader, type Read, textReader } from './shape-codec.js';

const ulid = '[0-7][0-9A-HJKMNP-TV-Z]{25}';

/**
 * One check for each attribute of the envelope, by its name on the wire. CloudEvents allows only lower-case letters and
 * digits in names, and only 32 bits in a number: larger numbers (the stream's version, moments) are decimal strings.
 */
export const envelopeReaders = {
  commandid: textReader(/^[\x20-\x7e]{1,255}$/, 'commandid', '1–255 printable ASCII characters'),
  moment: compileReader({ kind: 'epochMs' }, 'decidedat'),
  decidedat: decimalReader('decidedat'),
  id: compileReader({ kind: 'id', prefix: 'evt' }, 'id'),
  issuedbyid: textReader(
    /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/,
    'issuedbyid',
    'a key id or the name of a worker, timer or operator',
  ),
  issuedbykind: compileReader({ kind: 'enum', values: actorKinds }, 'issuedbykind'),
  /** The kinds that are written. */
  writtenkind: compileReader({ kind: 'enum', values: writtenActorKinds }, 'issuedbykind'),
  issuedbyversion: compileReader({ kind: 'count' }, 'issuedbyversion'),
  logid: compileReader({ kind: 'id', prefix: 'log' }, 'logid'),
  mode: compileReader({ kind: 'enum', values: modes }, 'mode'),
  onbehalfofkeyid: compileReader({ kind: 'id', prefix: 'key' }, 'onbehalfofkeyid'),
  onbehalfofkeyversion: compileReader({ kind: 'count' }, 'onbehalfofkeyversion'),
  onbehalfofpolicyhash: compileReader({ kind: 'text', pattern: 'sha256' }, 'onbehalfofpolicyhash'),
  presentedkeyid: compileReader({ kind: 'id', prefix: 'key' }, 'presentedkeyid'),
  prevhash: compileReader({ kind: 'text', pattern: 'sha256' }, 'prevhash'),
  salt: textReader(/^[0-9a-f]{32}$/, 'salt', '128 bits in lower-case hex'),
  stream: textReader(
    new RegExp(`^(?:(?:${streamPrefixes.join('|')})_${ulid}|${sharedStreams.join('|')})$`),
    'stream',
    `an account id, ${sharedStreams.map((stream) => `\`${stream}\``).join(' or ')}`,
  ),
  version: compileReader({ kind: 'count' }, 'streamversion'),
  streamversion: decimalReader('streamversion'),
  subject: textReader(new RegExp(`^(?:[a-z]{2,8}_${ulid}|${platformStream})$`), 'subject', 'an id or `platform`'),
  traceparent: textReader(/^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/, 'traceparent', 'a W3C traceparent'),
} as const satisfies Record<string, Read>;

/** The last moment that RFC 3339 can express. */
const momentMsMax = 8_640_000_000_000_000;

/** CloudEvents: source and id together name an event everywhere. */
export function eventSourceOf(logId: string): string {
  return `urn:ringfence:${logId}`;
}

let lastMs = -1;
let lastText = '';
/**
 * Formats a moment by RFC 3339, in milliseconds and UTC. Events come in batches of one moment, so the last text is
 * kept.
 */
export function isoTimeOf(momentMs: number): string {
  if (momentMs !== lastMs) {
    if (momentMs > momentMsMax)
      throw catalogFailures.event_field_invalid('decidedat', 'a moment that a calendar knows');
    lastText = new Date(momentMs).toISOString();
    lastMs = momentMs;
  }
  return lastText;
}

function decimalReader(field: string): Read {
  const text = textReader(/^(?:0|[1-9]\d{0,15})$/, field, 'a whole number from 0 in decimal');
  const whole = compileReader({ kind: 'count' }, field);
  return (raw) => whole(Number(text(raw)));
}
