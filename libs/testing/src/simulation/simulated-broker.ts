import { MemoryBroker } from '@ringfence/messaging-memory/memory-broker';
import type { BusMessage, OutgoingMessage } from '@ringfence/messaging/message';
import { SimulatedGroup } from './simulated-group.js';
import type { World } from './simulated-process.js';
import { calm, type Weather } from './weather.js';

/** On the way to the topic of events, while it makes trouble: in thousandths. */
const trouble = { slow: 300, failsBefore: 250, unheard: 250 } as const;

/** The broker of a simulated cluster: what was published is kept, whoever reads is told, and groups share partitions. It neither stops nor forgets. */
export class SimulatedBroker {
  readonly topics = new MemoryBroker();
  readonly #groups = new Map<string, SimulatedGroup>();
  #eventsInTroubleUntilMs = 0;

  constructor(
    private readonly world: World,
    private readonly partitions: number,
  ) {}

  append(messages: readonly OutgoingMessage[]): void {
    for (const message of messages) this.topics.append(message);
    for (const topic of new Set(messages.map((message) => message.topic))) this.topics.appended(topic);
  }

  group(name: string): SimulatedGroup {
    const found = this.#groups.get(name) ?? new SimulatedGroup(this.world, this.partitions);
    this.#groups.set(name, found);
    return found;
  }

  /** For so long the topic of events takes little, and that late. */
  troubleEvents(forMs: number): void {
    this.#eventsInTroubleUntilMs = this.world.scheduler.nowMs + forMs;
  }

  /** @param toEvents of the way to the topic of events, or of any other */
  weatherOn(toEvents: boolean): Weather {
    const { weather, scheduler } = this.world;
    const inTrouble = toEvents && weather !== calm && scheduler.nowMs < this.#eventsInTroubleUntilMs;
    return inTrouble ? { ...weather, ...trouble } : weather;
  }

  /** Partitions move for no reason. */
  rebalance(): void {
    for (const group of this.#groups.values()) group.shuffle();
  }

  all(topic: string): readonly BusMessage[] {
    return this.topics
      .ranges(topic)
      .flatMap(({ first, next }, partition) => this.topics.page(topic, partition, first, Number(next - first)));
  }
}
