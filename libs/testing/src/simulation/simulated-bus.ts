import type { OutgoingMessage } from '@ringfence/messaging/message';
import type { Following, Joining, Membership, MessageBus, PartitionRange } from '@ringfence/messaging/message-bus';
import { busFailures } from '@ringfence/messaging/failures';
import type { TopicSpec } from '@ringfence/messaging/topic-spec';
import { PartitionReader } from './partition-reader.js';
import type { Recording } from '../judging/recording.js';
import { SimulatedMember } from './simulated-member.js';
import type { SimulatedBroker } from './simulated-broker.js';
import type { SimulatedProcess } from './simulated-process.js';
import { simulatedTopics } from './simulated-topics.js';
import { travelMs } from './weather.js';

const unavailable = () => busFailures.bus_unavailable(new Error('the simulated broker does not answer'));

/** The bus as one process reaches it: one line to the broker, on which nothing overtakes anything. */
export class SimulatedBus implements MessageBus {
  #lastArrivalMs = 0;

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
    // A reply is said when it is tried: nobody waits for it. What is passed on has to arrive.
    const isReply = ({ topic }: OutgoingMessage) => topic === simulatedTopics.replies;
    for (const message of messages.filter(isReply)) this.#noteSaid(message);
    const { scheduler, random, weather } = this.process.world;
    const failsBefore = random.chance(weather.failsBefore);
    const unheard = random.chance(weather.unheard);
    const copies = random.chance(weather.twice) ? 2 : 1;
    this.#lastArrivalMs = Math.max(this.#lastArrivalMs, scheduler.nowMs + travelMs(random, weather));
    return new Promise((resolve, reject) => {
      scheduler.plan(this.#lastArrivalMs - scheduler.nowMs, null, () => {
        for (let copy = 0; copy < copies && !failsBefore; copy += 1) this.broker.append(messages);
        if (!failsBefore) for (const message of messages) if (!isReply(message)) this.#noteSaid(message);
        this.process.reach(travelMs(random, this.process.world.weather), () => {
          if (failsBefore || unheard) reject(unavailable());
          else resolve();
        });
      });
    });
  }

  join(joining: Joining): Promise<Membership> {
    const member = new SimulatedMember(this.process, this.broker, joining);
    member.join();
    return Promise.resolve({ leave: () => member.leave() });
  }

  async follow({ topic, from, onMessages, onTrouble }: Following): Promise<Membership> {
    const ranges = await this.ranges(topic);
    const readers = [...from].map(([partition, start]) => {
      const { first = 0n, next = 0n } = ranges[partition] ?? {};
      const at = start === 'first' ? first : start === 'next' ? next : start;
      return new PartitionReader(this.process, this.broker, { topic, partition, from: at, onMessages, onTrouble });
    });
    return {
      leave: async () => {
        await Promise.all(readers.map((reader) => reader.stop()));
      },
    };
  }

  ranges(topic: string): Promise<readonly PartitionRange[]> {
    return this.process.ask({ work: () => this.broker.topics.ranges(topic), unavailable });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** A reply is named by its correlation, a passed-on or dead message by the command it carries. */
  #noteSaid({ topic, headers, value }: OutgoingMessage): void {
    const { status } = statusIn(value);
    const about = headers['ce_id'] ?? '';
    this.recording.note({ kind: 'said', process: this.process.name, topic, about, status });
  }
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
