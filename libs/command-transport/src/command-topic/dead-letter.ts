import {
  type BusMessage,
  bytesOf,
  messageBytesMax,
  type MessageHeaders,
  type OutgoingMessage,
  type UndecodableBatch,
} from '@ringfence/ports/message-bus/message';

/** Place of a message, and the reason why it is a dead letter. */
export type DeadLetter = {
  readonly reason: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  /** True if its content is not kept here. */
  readonly withheld: boolean;
  /** Original size of the value; null: its writer did not record it. */
  readonly bytes: number | null;
  readonly message: Pick<BusMessage, 'key' | 'headers' | 'value'>;
};

const prefix = 'dlq_';
const withheldHeader = `${prefix}withheld`;
const bytesHeader = `${prefix}bytes`;
/**
 * Header on a message that an operator sends again, with the original's place. It makes the message a new request; a
 * duplicate would get the original's result.
 */
export const retriedHeader = `${prefix}retried`;
const noValue = new Uint8Array(0);
const reasonCharactersMax = 500;
/** The most characters kept of a header of a withheld message. */
const keptCharactersMax = 256;

/**
 * Builds a dead letter: the original message, with the reason and its place in additional headers; only type and place
 * if it is too large for that.
 * @param withheld true for a message without a valid MAC, which may contain personal values in clear: only type, size
 * and place are kept
 */
export function deadLetterOf(message: BusMessage, reason: string, topic: string, withheld: boolean): OutgoingMessage {
  const { partition } = message;
  const place = placeHeaders(message, reason);
  const { key, value } = message;
  const whole = { topic, key, partition, headers: { ...message.headers, ...place }, value };
  if (!withheld && bytesOf(whole) <= messageBytesMax) return whole;
  const { 'content-type': contentType = '', ce_type: type = '' } = message.headers;
  const kept = { 'content-type': contentType.slice(0, keptCharactersMax), ce_type: type.slice(0, keptCharactersMax) };
  const headers = { ...kept, [withheldHeader]: 'true', [bytesHeader]: String(value.length), ...place };
  return { topic, key: 'withheld', partition, headers, value: noValue };
}

/** Builds the dead letter of a batch, or part of one, that could not be decoded: only its place. */
export function deadLetterOfBatch(
  { topic, partition, offset, next }: Pick<UndecodableBatch, 'topic' | 'partition' | 'offset' | 'next'>,
  reason: string,
  deadLetters: string,
): OutgoingMessage {
  const through = `${reason} (offsets ${String(offset)} to ${String(next - 1n)})`;
  const headers = { [withheldHeader]: 'true', ...placeHeaders({ topic, partition, offset }, through) };
  return { topic: deadLetters, key: 'withheld', partition, headers, value: noValue };
}

function placeHeaders(
  { topic, partition, offset }: Pick<BusMessage, 'topic' | 'partition' | 'offset'>,
  reason: string,
): MessageHeaders {
  return {
    [`${prefix}reason`]: reason.slice(0, reasonCharactersMax),
    [`${prefix}topic`]: topic,
    [`${prefix}partition`]: String(partition),
    [`${prefix}offset`]: String(offset),
  };
}

/** @returns undefined: the message is not a dead letter */
export function readDeadLetter({ headers, key, value }: BusMessage): DeadLetter | undefined {
  const {
    dlq_reason: reason,
    dlq_topic: topic,
    dlq_partition: partition,
    dlq_offset: offset,
    dlq_bytes: bytes,
  } = headers;
  if (reason === undefined || topic === undefined || !isNumber(partition) || !isNumber(offset)) return undefined;
  const original = Object.entries(headers).filter(([name]) => !name.startsWith(prefix));
  return {
    reason,
    topic,
    partition: Number(partition),
    offset: BigInt(offset),
    withheld: headers[withheldHeader] === 'true',
    bytes: headers[withheldHeader] !== 'true' ? value.length : isNumber(bytes) ? Number(bytes) : null,
    message: { key, headers: Object.fromEntries(original), value },
  };
}

function isNumber(text: string | undefined): text is string {
  return text !== undefined && /^\d{1,19}$/.test(text);
}
