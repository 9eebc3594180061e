import { randomUUID } from 'node:crypto';
import { Producer } from '@platformatic/kafka';
import type { OutgoingMessage } from '@ringfence/ports/message-bus/message';

type HeldTransaction = { readonly end: (how: 'commit' | 'abort') => Promise<void> };

/** Writes messages in a transaction, which stays open until a test ends it. */
export async function transact(
  brokers: readonly string[],
  messages: readonly OutgoingMessage[],
): Promise<HeldTransaction> {
  const producer = new Producer({
    clientId: 'transacting',
    bootstrapBrokers: [...brokers],
    idempotent: true,
    transactionalId: `transacting-${randomUUID()}`,
    // Waits for a broker that is unavailable for a while.
    retries: true,
  });
  const transaction = await producer.beginTransaction();
  await transaction.send({
    messages: messages.map(({ topic, key, partition, headers, value }) => ({
      topic,
      key: Buffer.from(key),
      value: Buffer.from(value),
      headers: new Map(Object.entries(headers).map(([name, text]) => [Buffer.from(name), Buffer.from(text)])),
      ...(partition === undefined ? {} : { partition }),
    })),
  });
  return {
    end: async (how) => {
      await (how === 'commit' ? transaction.commit() : transaction.abort());
      await producer.close();
    },
  };
}

/** Writes a batch of one record that a broker accepts and our readers do not decode: decompressed, it is too large. */
export async function writeUndecodable(brokers: readonly string[], topic: string, partition: number): Promise<void> {
  const producer = new Producer({ clientId: 'undecodable', bootstrapBrokers: [...brokers], compression: 'gzip' });
  await producer.send({ messages: [{ topic, partition, value: Buffer.alloc(tooMuchBytes) }] });
  await producer.close();
}

const tooMuchBytes = 34_000_000;
