import type { BusMessage, MessageHeaders, OutgoingMessage } from '@ringfence/messaging/message';

/** Where a message came from and why it lies here. */
export type DeadLetter = {
  readonly reason: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly message: Pick<BusMessage, 'key' | 'headers' | 'value'>;
};

const prefix = 'dlq_';
const reasonCharactersMax = 500;

/** The message as it was, with the reason and its place in further headers. */
export function deadLetterOf(message: BusMessage, reason: string, topic: string): OutgoingMessage {
  const headers: MessageHeaders = {
    ...message.headers,
    [`${prefix}reason`]: reason.slice(0, reasonCharactersMax),
    [`${prefix}topic`]: message.topic,
    [`${prefix}partition`]: String(message.partition),
    [`${prefix}offset`]: String(message.offset),
  };
  return { topic, key: message.key, partition: message.partition, headers, value: message.value };
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
    message: { key, headers: Object.fromEntries(original), value },
  };
}

function isNumber(text: string | undefined): text is string {
  return text !== undefined && /^\d{1,19}$/.test(text);
}
