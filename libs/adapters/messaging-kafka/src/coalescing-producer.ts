import { compatibilityPartitioner, ProduceAcks, Producer } from '@platformatic/kafka';
import { busFailures } from '@ringfence/ports/message-bus/failures';
import { bytesOf, messageBytesMax, type OutgoingMessage } from '@ringfence/ports/message-bus/message';
import { isOutage } from './broker-errors.js';
import { clientOptions, type KafkaConnection } from './kafka-connection.js';

/** The most bytes of one send: below the broker's own limit for one partition's batch. */
const sendBytesMax = messageBytesMax;
/** The most bytes that wait to be sent. */
const waitingBytesMax = 32_000_000;

type Waiting = {
  readonly messages: readonly OutgoingMessage[];
  readonly bytes: number;
  readonly resolve: () => void;
  readonly reject: (failure: unknown) => void;
};

/**
 * The only producer of a process. Exactly one send is in flight; messages published meanwhile share the next one. With
 * several sends in flight, this client loses and reorders messages when a broker dies; with one it does not, and is
 * faster than waiting for each message.
 */
export class CoalescingProducer {
  readonly #producer: Producer<string, Buffer, string, string>;
  readonly #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #sending: Promise<void> | undefined;
  #closed = false;

  constructor(connection: KafkaConnection) {
    this.#producer = new Producer({
      ...clientOptions(connection),
      idempotent: true,
      acks: ProduceAcks.ALL,
      partitioner: (_message, key) => compatibilityPartitioner(_message, key),
      serializers: {
        key: (key) => Buffer.from(key ?? ''),
        value: (value) => value,
        headerKey: (name) => Buffer.from(name ?? ''),
        headerValue: (text) => Buffer.from(text ?? ''),
      },
    });
  }

  /** Connects and gets the producer's id, for which the first send would wait; a failure is left to that send. */
  async prepare(): Promise<void> {
    await this.#producer.initIdempotentProducer({}).catch(() => undefined);
  }

  /** Settles when all of the messages are acknowledged, in the order of the calls. */
  publish(messages: readonly OutgoingMessage[]): Promise<void> {
    if (this.#closed) return Promise.reject(busFailures.bus_closed());
    let bytes = 0;
    for (const message of messages) {
      const own = bytesOf(message);
      if (own > messageBytesMax) {
        return Promise.reject(busFailures.message_too_large(message.topic, own, messageBytesMax));
      }
      bytes += own;
    }
    if (messages.length === 0) return Promise.resolve();
    if (this.#waitingBytes > 0 && this.#waitingBytes + bytes > waitingBytesMax) {
      return Promise.reject(busFailures.bus_overloaded());
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ messages, bytes, resolve, reject });
      this.#waitingBytes += bytes;
      this.#sending ??= this.#sendAll();
    });
  }

  /** Rejects waiting calls; the send in flight is abandoned. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const { reject } of this.#waiting.splice(0)) reject(busFailures.bus_closed());
    await this.#producer.close(true);
    await this.#sending;
  }

  async #sendAll(): Promise<void> {
    // Calls within this turn of the event loop share the first send.
    await new Promise((resolve) => setImmediate(resolve));
    for (let batch = this.#takeBatch(); batch.length > 0; batch = this.#takeBatch()) {
      try {
        await this.#send(batch);
        for (const { resolve } of batch) resolve();
      } catch (cause) {
        await this.#afterFailure(batch, cause);
      }
    }
    this.#sending = undefined;
  }

  /**
   * Resends after a failure, topic by topic: a topic that is gone, or to which we may not write, must not fail the
   * other messages of its send. An outage fails all. Messages that had arrived with the first send are then duplicated.
   */
  async #afterFailure(batch: readonly Waiting[], cause: unknown): Promise<void> {
    const topics = new Set(batch.flatMap(({ messages }) => messages.map(({ topic }) => topic)));
    const alone = topics.size > 1 && !isOutage(cause) && !this.#closed;
    const failed = new Map<string, unknown>(alone ? [] : [...topics].map((topic) => [topic, cause]));
    for (const topic of alone ? topics : []) {
      const part = batch.map((each) => ({ ...each, messages: each.messages.filter((one) => one.topic === topic) }));
      await this.#send(part).catch((why: unknown) => failed.set(topic, why));
    }
    for (const { messages, resolve, reject } of batch) {
      const lost = messages.find(({ topic }) => failed.has(topic));
      if (lost === undefined) resolve();
      else reject(this.#closed ? busFailures.bus_closed() : busFailures.bus_unavailable(failed.get(lost.topic)));
    }
  }

  #takeBatch(): readonly Waiting[] {
    const batch: Waiting[] = [];
    let bytes = 0;
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      if (batch.length > 0 && bytes + next.bytes > sendBytesMax) break;
      this.#waiting.shift();
      this.#waitingBytes -= next.bytes;
      bytes += next.bytes;
      batch.push(next);
    }
    return batch;
  }

  /** A call may have more messages than one send can carry: its sends then follow each other. */
  async #send(batch: readonly Waiting[]): Promise<void> {
    const messages = batch.flatMap((each) => each.messages);
    const bytes = batch.reduce((sum, each) => sum + each.bytes, 0);
    for (const part of bytes <= sendBytesMax ? [messages] : partsOf(messages)) {
      await this.#producer.send({
        messages: part.map(({ topic, key, partition, headers, value }) => ({
          topic,
          key,
          headers,
          value: Buffer.from(value.buffer, value.byteOffset, value.byteLength),
          ...(partition === undefined ? {} : { partition }),
        })),
      });
    }
  }
}

/** Splits messages into sends, in their order; at least one per send. */
function* partsOf(messages: readonly OutgoingMessage[]): Generator<readonly OutgoingMessage[]> {
  let part: OutgoingMessage[] = [];
  let bytes = 0;
  for (const message of messages) {
    const own = bytesOf(message);
    if (part.length > 0 && bytes + own > sendBytesMax) {
      yield part;
      part = [];
      bytes = 0;
    }
    part.push(message);
    bytes += own;
  }
  yield part;
}
