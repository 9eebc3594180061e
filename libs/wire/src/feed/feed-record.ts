import { eventSourceOf } from '@ringfence/event-catalog/envelope-attributes';
import { identityOf } from '@ringfence/event-catalog/event-codec';
import type { RecordedEvent } from '@ringfence/ports/log/event-store';
import { type LogId, parseEventId, parseLogId, parseStreamId } from '@ringfence/kernel/ids';
import type { Epoch, Lane } from '@ringfence/kernel/lane';
import { type EpochMs, epochMs, type Position, position, streamVersion } from '@ringfence/kernel/units';
import { binaryHeaders, type CloudEvent, readBinary } from '../cloud-event.js';
import type { BusMessage, OutgoingMessage } from '@ringfence/ports/message-bus/message';
import { afterLink, type ChainLink } from './feed-chain.js';
import { feedFailures } from './feed-failures.js';

/** The type of the message that says how far a partition is, even if it has no new events. */
export const watermarkType = 'ringfence.feed.watermark.v1';
const watermarkKey = 'watermark';

/** Origin, which a relay adds to each of its records. */
export type FeedOrigin = { readonly topic: string; readonly logId: LogId; readonly epoch: Epoch };

type Linked = {
  readonly logId: LogId;
  readonly epoch: Epoch;
  /** The previous event in the same partition; null: there is none. */
  readonly previous: ChainLink | null;
};
export type EventRecord = Linked & {
  readonly kind: 'event';
  readonly link: ChainLink;
  readonly event: RecordedEvent;
};
export type WatermarkRecord = Linked & {
  readonly kind: 'watermark';
  /**
   * Head of the log at `timeMs`: the log had nothing from here on, and all events of this partition below it precede
   * this record.
   */
  readonly head: Position;
  /** Moment on the relay's clock. */
  readonly timeMs: EpochMs;
};
export type FeedRecord = EventRecord | WatermarkRecord;
type NoRecord = { readonly fault: string };

/** @returns the message, and the link by which the next record of its partition refers to this event */
export function eventMessage(
  { topic, logId, epoch }: FeedOrigin,
  partition: Lane,
  previous: ChainLink | null,
  { bytes, position: at, stream, subject, type, version }: RecordedEvent,
): { readonly message: OutgoingMessage; readonly link: ChainLink } {
  const { id, logId: ownLogId, time } = identityOf(bytes);
  const extensions = {
    position: String(at),
    ...previousExtensions(previous),
    stream,
    streamversion: String(version),
    logid: ownLogId,
    relayepoch: String(epoch),
  };
  const headers = binaryHeaders({ id, source: eventSourceOf(logId), type, subject, time, extensions });
  return { message: { topic, key: stream, partition, headers, value: bytes }, link: { position: at, id } };
}

export function watermarkMessage(
  { topic, logId, epoch }: FeedOrigin,
  partition: Lane,
  previous: ChainLink | null,
  { head, timeMs }: Pick<WatermarkRecord, 'head' | 'timeMs'>,
): OutgoingMessage {
  const headers = binaryHeaders({
    id: [logId, partition, epoch, head, timeMs].map(String).join('-'),
    source: eventSourceOf(logId),
    type: watermarkType,
    subject: null,
    time: new Date(timeMs).toISOString(),
    extensions: { ...previousExtensions(previous), logid: logId, relayepoch: String(epoch) },
  });
  return { topic, key: watermarkKey, partition, headers, value: Buffer.from(`{"head":"${String(head)}"}`) };
}

/** Reads a record's frame; the event itself is not examined. @throws Failure `feed_record_malformed` */
export function readFeedRecord(message: BusMessage): FeedRecord {
  const malformed = (what: string) =>
    feedFailures.feed_record_malformed(message.topic, message.partition, message.offset, what);
  const read = readBinary(message.headers, message.value);
  if ('fault' in read) throw malformed(read.fault);
  const { extensions } = read;
  const logId = parseLogId(extensions['logid'] ?? '');
  if (logId === undefined) throw malformed('logid must be the id of a log');
  const epoch = wholeNumber(extensions['relayepoch']);
  if (epoch === undefined) throw malformed('relayepoch must be a whole number');
  const previous = previousOf(extensions);
  if (previous === undefined) throw malformed('prevposition and prevevent name an event, or both are missing');
  const linked = { logId, epoch: epoch as Epoch, previous };
  const framed = read.type === watermarkType ? watermarkOf(read) : eventOf(read);
  if ('fault' in framed) throw malformed(framed.fault);
  const record: FeedRecord = { ...linked, ...framed };
  const at = record.kind === 'event' ? record.link.position : record.head;
  if (afterLink(previous) > at) throw malformed('what it follows has a later position');
  return record;
}

function eventOf({
  id: ceId,
  type,
  subject,
  extensions,
  data,
}: CloudEvent): Omit<EventRecord, keyof Linked> | NoRecord {
  const at = wholeNumber(extensions['position']);
  const id = parseEventId(ceId);
  const stream = parseStreamId(extensions['stream'] ?? '');
  const version = wholeNumber(extensions['streamversion']);
  if (at === undefined) return { fault: `position must be a whole number, and ${type} has none` };
  if (id === undefined) return { fault: 'ce_id must be the id of an event' };
  if (stream === undefined) return { fault: 'stream must be an account or the platform' };
  if (version === undefined) return { fault: 'streamversion must be a whole number' };
  if (subject === null) return { fault: 'an event has a subject' };
  const link = { position: position(at), id };
  const event = { type, subject, bytes: data, position: link.position, stream, version: streamVersion(version) };
  return { kind: 'event', link, event };
}

function watermarkOf({ time, data }: CloudEvent): Omit<WatermarkRecord, keyof Linked> | NoRecord {
  const [, head] = /^\{"head":"(\d{1,16})"\}$/.exec(Buffer.from(data).toString('latin1')) ?? [];
  const at = wholeNumber(head);
  if (at === undefined) return { fault: 'a watermark holds its head and nothing else' };
  if (time === null) return { fault: 'a watermark has a time' };
  return { kind: 'watermark', head: position(at), timeMs: epochMs(Date.parse(time)) };
}

function previousExtensions(previous: ChainLink | null): Readonly<Record<string, string>> {
  return previous === null ? {} : { prevposition: String(previous.position), prevevent: previous.id };
}

function previousOf(extensions: CloudEvent['extensions']): ChainLink | null | undefined {
  const { prevposition, prevevent } = extensions;
  if (prevposition === undefined && prevevent === undefined) return null;
  const at = wholeNumber(prevposition);
  const id = parseEventId(prevevent ?? '');
  return at === undefined || id === undefined ? undefined : { position: position(at), id };
}

function wholeNumber(text: string | undefined): number | undefined {
  if (text === undefined || !/^(?:0|[1-9]\d{0,15})$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : undefined;
}
