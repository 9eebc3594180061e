import type { BusMessage, UncommittedItem } from '@ringfence/ports/message-bus/message';
import { PartitionIntake } from '@ringfence/ports/message-bus/partition-intake';
import type { Taking } from '@ringfence/ports/message-bus/taking';
import type { SimulatedBroker } from './simulated-broker.js';
import type { SimulatedProcess } from './simulated-process.js';
import { simulatedTopics } from './simulated-topics.js';
import { travelMs } from './fault-profile.js';

const pageMessagesMax = 6;

type Reading<Item extends UncommittedItem> = {
  readonly topic: string;
  readonly partition: number;
  readonly from: bigint;
  readonly taking: Taking<Item>;
  readonly onMessages: (partition: number, batch: readonly Item[]) => Promise<void>;
  readonly onRetryableError: (cause: unknown) => void;
};

/** Delivers the items of a partition to its handler, a few messages at a time. */
export class SimulatedPartitionReader<Item extends UncommittedItem = BusMessage> {
  readonly #intake: PartitionIntake<Item>;
  readonly #stopListening: () => void;
  #underway = false;
  #stopped = false;

  constructor(
    private readonly process: SimulatedProcess,
    private readonly broker: SimulatedBroker,
    private readonly reading: Reading<Item>,
  ) {
    const { partition, from, onMessages, onRetryableError } = reading;
    const onRoom = () => {
      this.#fetch();
    };
    this.#intake = new PartitionIntake(partition, from, {
      timers: process.timers,
      onMessages,
      onRetryableError,
      onRoom,
    });
    this.#stopListening = broker.topics.onAppended((topic) => {
      if (topic === reading.topic) this.#fetch();
    });
    this.#fetch();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#stopListening();
    await this.#intake.stop();
  }

  #fetch(): void {
    const { process, reading, broker } = this;
    const { topic, partition, taking } = reading;
    const waiting = (limit: number) =>
      broker.topics.items(topic, partition, this.#intake.next, limit, taking.isolation);
    if (this.#underway || this.#stopped || process.status() === 'gone' || waiting(1).length === 0) return;
    this.#underway = true;
    const { random } = process.world;
    const faults = broker.faultsTo(topic === simulatedTopics.events);
    process.reach(travelMs(random, faults), () => {
      this.#underway = false;
      if (this.#stopped) return;
      this.#intake.reading();
      for (const item of waiting(random.between(1, pageMessagesMax))) this.#intake.offer(taking.wanted(item));
      this.#fetch();
    });
  }
}
