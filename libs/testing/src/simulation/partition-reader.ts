import type { BusMessage } from '@ringfence/messaging/message';
import { PartitionIntake } from '@ringfence/messaging/partition-intake';
import type { SimulatedBroker } from './simulated-broker.js';
import type { SimulatedProcess } from './simulated-process.js';
import { simulatedTopics } from './simulated-topics.js';
import { travelMs } from './weather.js';

const pageMessagesMax = 6;

export type Reading = {
  readonly topic: string;
  readonly partition: number;
  readonly from: bigint;
  readonly onMessages: (partition: number, batch: readonly BusMessage[]) => Promise<void>;
  readonly onTrouble: (cause: unknown) => void;
};

/** Brings what stands in a partition to its handler, a few messages at a time. */
export class PartitionReader {
  readonly #intake: PartitionIntake;
  readonly #stopListening: () => void;
  #underway = false;
  #stopped = false;

  constructor(
    private readonly process: SimulatedProcess,
    private readonly broker: SimulatedBroker,
    private readonly reading: Reading,
  ) {
    const { partition, from, onMessages, onTrouble } = reading;
    const onRoom = () => {
      this.#fetch();
    };
    this.#intake = new PartitionIntake(partition, from, { timers: process.timers, onMessages, onTrouble, onRoom });
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
    const waiting = (limit: number) => broker.topics.page(reading.topic, reading.partition, this.#intake.next, limit);
    if (this.#underway || this.#stopped || process.standing() === 'gone' || waiting(1).length === 0) return;
    this.#underway = true;
    const { random } = process.world;
    const weather = broker.weatherOn(reading.topic === simulatedTopics.events);
    process.reach(travelMs(random, weather), () => {
      this.#underway = false;
      if (this.#stopped) return;
      this.#intake.reading();
      for (const message of waiting(random.between(1, pageMessagesMax))) this.#intake.offer(message);
      this.#fetch();
    });
  }
}
