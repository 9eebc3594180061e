import type { DecodedItem, OutgoingMessage, UncommittedItem } from '@ringfence/ports/message-bus/message';
import type {
  Following,
  Joining,
  Membership,
  MessageBus,
  PartitionRange,
  RangePlace,
  TransactionPlace,
} from '@ringfence/ports/message-bus/message-bus';
import { busFailures } from '@ringfence/ports/message-bus/failures';
import { decodable, everything, type Isolation, messagesAlone, type Taking } from '@ringfence/ports/message-bus/taking';
import type { TopicSpec } from '@ringfence/ports/message-bus/topic-spec';
import { SimulatedPartitionReader } from './partition-reader.js';
import type { Recording } from '../checkers/recording.js';
import { SimulatedMember } from './simulated-member.js';
import type { SimulatedBroker } from './simulated-broker.js';
import type { SimulatedProcess } from './simulated-process.js';
import { simulatedTopics } from './simulated-topics.js';
import { travelMs } from './fault-profile.js';

const unavailable = () => busFailures.bus_unavailable(new Error('the simulated broker does not answer'));

const copyLateMsMax = 3_000;

/** The bus as one process reaches it: one connection to each partition, which keeps messages in order. */
export class SimulatedBus implements MessageBus {
  readonly #lastArrivalMs = new Map<string, number>();

  constructor(
    private readonly broker: SimulatedBroker,
    private readonly process: SimulatedProcess,
    private readonly recording: Recording,
  ) {}

  ensureTopics(specs: readonly TopicSpec[]): Promise<void> {
    for (const spec of specs) this.broker.topics.ensure(spec);
    return Promise.resolve();
  }

  topicNames(): Promise<readonly string[]> {
    return Promise.resolve(Object.values(simulatedTopics));
  }

  publish(messages: readonly OutgoingMessage[]): Promise<void> {
    // A reply is noted when it is sent, because nothing waits for it. A forwarded message has to arrive.
    for (const message of messages.filter(isReply)) this.#noteSent(message);
    this.#noteRelayed(messages.filter(isEvent));
    if (messages.length === 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const { scheduler, random } = this.process.world;
      const parts = this.#partsOf(messages);
      let [open, failed] = [parts.size, false];
      for (const [atMs, sendings] of parts)
        scheduler.plan(atMs - scheduler.nowMs, null, () => {
          for (const sending of sendings) failed = !this.#arrive(sending) || failed;
          open -= 1;
          if (open > 0) return;
          this.process.reach(travelMs(random, this.process.world.faults), () => {
            if (failed) reject(unavailable());
            else resolve();
          });
        });
    });
  }

  /**
   * Splits messages by partition: each partition has its own leader, so that one may receive its messages before, or
   * without, another.
   * @returns what arrives when
   */
  #partsOf(messages: readonly OutgoingMessage[]): ReadonlyMap<number, readonly Sending[]> {
    const { scheduler, random } = this.process.world;
    const faults = this.broker.faultsTo(messages.some(isEvent));
    const soonestMs = scheduler.nowMs + travelMs(random, faults);
    const parts = new Map<number, Sending[]>();
    for (const [where, part] of byPartition(messages)) {
      const lateMs = random.chance(faults.slow) ? travelMs(random, { ...faults, slow: 1_000 }) : 0;
      const atMs = Math.max(this.#lastArrivalMs.get(where) ?? 0, soonestMs + lateMs);
      this.#lastArrivalMs.set(where, atMs);
      const sending = {
        messages: part,
        failsBefore: random.chance(faults.failsBefore),
        answerLost: random.chance(faults.answerLost),
        copies: random.chance(faults.twice) ? 2 : 1,
      };
      const together = parts.get(atMs);
      if (together === undefined) parts.set(atMs, [sending]);
      else together.push(sending);
    }
    return parts;
  }

  /** @returns whether the sender gets an answer */
  #arrive({ messages, failsBefore, answerLost, copies }: Sending): boolean {
    if (failsBefore) return false;
    const append = () => {
      this.broker.append(messages);
    };
    append();
    for (let copy = 1; copy < copies; copy += 1) this.#again(messages, append);
    for (const message of messages) if (!isReply(message) && !isEvent(message)) this.#noteSent(message);
    return !answerLost;
  }

  /**
   * Appends a duplicate, at once or much later, like a sender that waits long before it retries; relays send no batch
   * before the outcome of the previous one is known.
   */
  #again(messages: readonly OutgoingMessage[], append: () => void): void {
    const { scheduler, random } = this.process.world;
    if (messages.some(isEvent) || random.chance(500)) append();
    else scheduler.plan(random.below(copyLateMsMax), null, append);
  }

  join(joining: Joining): Promise<Membership> {
    return this.#join(joining, messagesAlone);
  }

  joinUncommitted(joining: Joining<UncommittedItem>): Promise<Membership> {
    return this.#join(joining, everything);
  }

  follow(following: Following): Promise<Membership> {
    return this.#follow(following, messagesAlone);
  }

  followDecodable(following: Following<DecodedItem>): Promise<Membership> {
    return this.#follow(following, decodable);
  }

  async *readTransaction(place: TransactionPlace): AsyncIterable<readonly DecodedItem[]> {
    for (const record of await this.process.ask({ work: () => this.broker.topics.transaction(place), unavailable }))
      yield [record];
  }

  async *readRange({ topic, partition, first, end }: RangePlace): AsyncIterable<readonly DecodedItem[]> {
    const work = () => this.broker.topics.items(topic, partition, first, Number(end - first), 'committed');
    for (const item of await this.process.ask({ work, unavailable }))
      if (item.offset < end) yield [decodable.wanted(item)];
  }

  ranges(topic: string): Promise<readonly PartitionRange[]> {
    return this.#ranges(topic, 'committed');
  }

  uncommittedRanges(topic: string): Promise<readonly PartitionRange[]> {
    return this.#ranges(topic, 'uncommitted');
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #join<Item extends UncommittedItem>(joining: Joining<Item>, taking: Taking<Item>): Promise<Membership> {
    const member = new SimulatedMember(this.process, this.broker, joining, taking);
    member.join();
    return Promise.resolve({ leave: (handOver) => member.leave(handOver) });
  }

  async #follow<Item extends UncommittedItem>(
    { topic, from, onMessages, onRetryableError }: Following<Item>,
    taking: Taking<Item>,
  ): Promise<Membership> {
    const ranges = await this.#ranges(topic, taking.isolation);
    const readers = [...from].map(([partition, start]) => {
      const { first = 0n, next = 0n } = ranges[partition] ?? {};
      const at = start === 'first' ? first : start === 'next' ? next : start;
      return new SimulatedPartitionReader<Item>(this.process, this.broker, {
        topic,
        partition,
        from: at,
        taking,
        onMessages,
        onRetryableError,
      });
    });
    return {
      leave: async () => {
        await Promise.all(readers.map((reader) => reader.stop()));
      },
    };
  }

  #ranges(topic: string, isolation: Isolation): Promise<readonly PartitionRange[]> {
    return this.process.ask({ work: () => this.broker.topics.ranges(topic, isolation), unavailable });
  }

  #noteRelayed(messages: readonly OutgoingMessage[]): void {
    const [first] = messages;
    if (first === undefined) return;
    const epoch = Number(first.headers['ce_relayepoch']);
    this.recording.note({ kind: 'relayed', process: this.process.name, epoch, messages: messages.length });
  }

  /** Notes a message. A reply is named by its correlation, a forwarded message or dead letter by its command. */
  #noteSent({ topic, headers, value }: OutgoingMessage): void {
    const { status } = statusIn(value);
    const about = headers['ce_id'] ?? '';
    this.recording.note({ kind: 'sent', process: this.process.name, topic, about, status });
  }
}

/** Messages to one partition, and their fate. */
type Sending = {
  readonly messages: readonly OutgoingMessage[];
  readonly failsBefore: boolean;
  readonly answerLost: boolean;
  readonly copies: number;
};

function byPartition(messages: readonly OutgoingMessage[]): ReadonlyMap<string, readonly OutgoingMessage[]> {
  const parts = new Map<string, OutgoingMessage[]>();
  for (const message of messages) {
    const where = `${message.topic}/${String(message.partition)}`;
    const known = parts.get(where);
    if (known === undefined) parts.set(where, [message]);
    else known.push(message);
  }
  return parts;
}

function isReply({ topic }: OutgoingMessage): boolean {
  return topic === simulatedTopics.replies;
}

/** Says whether a message goes to the topic of events or of watermarks. */
function isEvent({ topic }: OutgoingMessage): boolean {
  return topic === simulatedTopics.events || topic === simulatedTopics.watermarks;
}

function statusIn(value: Uint8Array): { readonly status: string } {
  try {
    const body: unknown = JSON.parse(Buffer.from(value).toString());
    if (typeof body === 'object' && body !== null && 'status' in body && typeof body.status === 'string')
      return { status: body.status };
  } catch {
    // It is no reply.
  }
  return { status: 'none' };
}
