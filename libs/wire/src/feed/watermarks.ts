import { eventSourceOf } from '@ringfence/event-catalog/envelope-attributes';
import { type LogId, parseEventId, parseLogId } from '@ringfence/kernel/ids';
import type { Epoch } from '@ringfence/kernel/lane';
import { type EpochMs, epochMs, type Position, position } from '@ringfence/kernel/units';
import { binaryHeaders, readBinary } from '../cloud-event.js';
import type { BusMessage, OutgoingMessage } from '@ringfence/ports/message-bus/message';
import type { ChainLink } from './feed-chain.js';
import { feedFailures } from './feed-failures.js';

/** The type of the record that says how far all partitions of the topic of events are. */
export const watermarksType = 'ringfence.feed.watermarks.v1';
/** The topic has one partition, for one order. */
const onlyPartition = 0;

/**
 * A statement about the topic of events: at `timeMs`, on the relay's clock, the log held nothing from `head` on, and
 * everything below it was in the topic.
 */
export type Watermarks = {
  readonly logId: LogId;
  readonly epoch: Epoch;
  readonly head: Position;
  readonly timeMs: EpochMs;
  /** The last event of each partition; null: it has none. */
  readonly ends: readonly (ChainLink | null)[];
};

export function watermarksMessage(topic: string, { logId, epoch, head, timeMs, ends }: Watermarks): OutgoingMessage {
  const headers = binaryHeaders({
    id: [logId, epoch, head, timeMs].map(String).join('-'),
    source: eventSourceOf(logId),
    type: watermarksType,
    subject: null,
    time: new Date(timeMs).toISOString(),
    extensions: { logid: logId, relayepoch: String(epoch) },
  });
  const links = ends.map((end) => (end === null ? null : [String(end.position), end.id]));
  const value = Buffer.from(JSON.stringify({ head: String(head), ends: links }));
  return { topic, key: 'watermarks', partition: onlyPartition, headers, value };
}

/** @throws Failure `feed_record_malformed` */
export function readWatermarks(message: BusMessage): Watermarks {
  const malformed = (what: string) =>
    feedFailures.feed_record_malformed(message.topic, message.partition, message.offset, what);
  const read = readBinary(message.headers, message.value);
  if ('fault' in read) throw malformed(read.fault);
  if (read.type !== watermarksType) throw malformed(`${read.type} is not ${watermarksType}`);
  const logId = parseLogId(read.extensions['logid'] ?? '');
  if (logId === undefined) throw malformed('logid must be the id of a log');
  const epoch = wholeNumber(read.extensions['relayepoch']);
  if (epoch === undefined) throw malformed('relayepoch must be a whole number');
  if (read.time === null) throw malformed('watermarks have a time');
  const { head, ends } = dataOf(read.data);
  const at = wholeNumber(head);
  if (at === undefined || !Array.isArray(ends)) throw malformed('watermarks hold a head and the end of each partition');
  const links = ends.map((end: unknown) => linkOf(end));
  if (!links.every((link) => link !== undefined))
    throw malformed('an end is null, or a position and the id of an event');
  return { logId, epoch: epoch as Epoch, head: position(at), timeMs: epochMs(Date.parse(read.time)), ends: links };
}

function dataOf(bytes: Uint8Array): { readonly head?: unknown; readonly ends?: unknown } {
  try {
    const data: unknown = JSON.parse(Buffer.from(bytes).toString());
    return typeof data === 'object' && data !== null ? data : {};
  } catch {
    return {};
  }
}

function linkOf(end: unknown): ChainLink | null | undefined {
  if (end === null) return null;
  if (!Array.isArray(end)) return undefined;
  const [at, id] = [wholeNumber(end[0]), parseEventId(String(end[1]))];
  return at === undefined || id === undefined ? undefined : { position: position(at), id };
}

function wholeNumber(text: unknown): number | undefined {
  if (typeof text !== 'string' || !/^(?:0|[1-9]\d{0,15})$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : undefined;
}
