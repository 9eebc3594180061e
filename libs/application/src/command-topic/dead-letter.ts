import type { BusMessage, MessageHeaders, OutgoingMessage } from '@ringfence/messaging/message';

/** Where a message came from and why it lies here. */
export type DeadLetter = {
  readonly reason: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  /** What it held is not kept: it cannot be published again. */
  readonly withheld: boolean;
  readonly message: Pick<BusMessage, 'key' | 'headers' | 'value'>;
};

const prefix = 'dlq_';
const withheldHeader = `${prefix}withheld`;
const noValue = new Uint8Array(0);
const reasonCharactersMax = 500;

/**
 * The message as it was, with the reason and its place in further headers.
 * @param withheld of a client's own command, which may hold in clear what it should have encrypted: its type and place alone
 */
export function deadLetterOf(message: BusMessage, reason: string, topic: string, withheld: boolean): OutgoingMessage {
  const { 'content-type': contentType = '', ce_type: type = '' } = message.headers;
  const headers: MessageHeaders = {
    ...(withheld ? { 'content-type': contentType, ce_type: type, [withheldHeader]: 'true' } : message.headers),
    [`${prefix}reason`]: reason.slice(0, reasonCharactersMax),
    [`${prefix}topic`]: message.topic,
    [`${prefix}partition`]: String(message.partition),
    [`${prefix}offset`]: String(message.offset),
  };
  const [key, value] = withheld ? ['withheld', noValue] : [message.key, message.value];
  return { topic, key, partition: message.partition, headers, value };
}

/** undefined: it did not come here as a dead letter */
export function readDeadLetter({ headers, key, value }: BusMessage): DeadLetter | undefined {
  const { dlq_reason: reason, dlq_topic: topic, dlq_partition: partition, dlq_offset: offset } = headers;
  if (reason === undefined || topic === undefined || !isNumber(partition) || !isNumber(offset)) return undefined;
  const original = Object.entries(headers).filter(([name]) => !name.startsWith(prefix));
  return {
    reason,
    topic,
    partition: Number(partition),
    offset: BigInt(offset),
    withheld: headers[withheldHeader] === 'true',
    message: { key, headers: Object.fromEntries(original), value },
  };
}

function isNumber(text: string | undefined): text is string {
  return text !== undefined && /^\d{1,19}$/.test(text);
}
