import type { MessageHeaders } from '@ringfence/ports/message-bus/message';

/** A CloudEvents 1.0 event whose data is JSON, as a message of the bus carries it. */
export type CloudEvent = {
  readonly id: string;
  /** A URI reference; with the id it identifies the event everywhere. */
  readonly source: string;
  readonly type: string;
  readonly subject: string | null;
  /** RFC 3339 */
  readonly time: string | null;
  /** Extension attributes; names of a–z and 0–9. */
  readonly extensions: Readonly<Record<string, string>>;
  /** JSON, UTF-8. */
  readonly data: Uint8Array;
};

type NoCloudEvent = { readonly fault: string };

const specVersion = '1.0';
const contentType = 'application/json';
const prefix = 'ce_';
const extensionName = /^[a-z0-9]{1,20}$/;
const jsonType = /^application\/json(?:\s*;\s*charset=utf-8)?$/i;
const attributeCharactersMax = 4_096;
const rfc3339 = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:[Zz]|[+-]\d{2}:\d{2})$/;
const ownHeaders: ReadonlySet<string> = new Set([
  'ce_specversion',
  'ce_id',
  'ce_source',
  'ce_type',
  'ce_subject',
  'ce_time',
]);

/**
 * The headers of an event in binary mode. Source: CloudEvents 1.0.2, Kafka Protocol Binding, 3.2 Binary Content Mode.
 * Its data is the message's value.
 */
export function binaryHeaders({
  id,
  source,
  type,
  subject,
  time,
  extensions,
}: Omit<CloudEvent, 'data'>): MessageHeaders {
  const headers: Record<string, string> = {
    'content-type': contentType,
    ce_specversion: specVersion,
    ce_id: id,
    ce_source: source,
    ce_type: type,
  };
  if (subject !== null) headers['ce_subject'] = subject;
  if (time !== null) headers['ce_time'] = time;
  for (const [name, value] of Object.entries(extensions)) headers[prefix + name] = value;
  return headers;
}

/**
 * Reads a message that another client may have written. One that is not an event of this form is reported as such, with
 * the reason.
 */
export function readBinary(headers: MessageHeaders, value: Uint8Array): CloudEvent | NoCloudEvent {
  const media = headers['content-type'];
  if (media === undefined || !jsonType.test(media))
    return fault(`the header content-type must be ${contentType}: the event is read in binary mode`);
  if (headers['ce_specversion'] !== specVersion) return fault(`the header ce_specversion must be ${specVersion}`);
  const extensions: Record<string, string> = {};
  for (const header of Object.keys(headers)) {
    if (!header.startsWith(prefix)) continue;
    const text = headers[header] ?? '';
    if (text.length > attributeCharactersMax)
      return fault(`the header ${header.slice(0, 64)} has more than ${String(attributeCharactersMax)} characters`);
    if (ownHeaders.has(header)) continue;
    const name = header.slice(prefix.length);
    if (!extensionName.test(name)) return fault(`an extension attribute is named by 1–20 of a–z and 0–9`);
    extensions[name] = text;
  }
  const { ce_id: id = '', ce_source: source = '', ce_type: type = '', ce_time: time, ce_subject: subject } = headers;
  if (id === '') return fault('the header ce_id is missing');
  if (source === '') return fault('the header ce_source is missing');
  if (type === '') return fault('the header ce_type is missing');
  if (time !== undefined && !(rfc3339.test(time) && !Number.isNaN(Date.parse(time))))
    return fault(`the header ce_time must be a moment as RFC 3339 writes it`);
  return { id, source, type, subject: subject ?? null, time: time ?? null, extensions, data: value };
}

function fault(text: string): NoCloudEvent {
  return { fault: text };
}
