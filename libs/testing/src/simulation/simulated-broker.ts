import { MemoryBroker } from '@ringfence/messaging-memory/memory-broker';
import { type BusMessage, isMessage, type OutgoingMessage } from '@ringfence/ports/message-bus/message';
import { SimulatedGroup } from './simulated-group.js';
import type { World } from './simulated-process.js';
import { simulatedTopics } from './simulated-topics.js';
import { calm, type FaultProfile } from './fault-profile.js';

/** Rates of faults on the way to the topic of events while it fails, in thousandths. */
const eventsFaults = { slow: 300, failsBefore: 250, answerLost: 250 } satisfies Partial<FaultProfile>;

/**
 * The broker of a simulated cluster: published messages are kept, readers are notified, and groups share partitions. It
 * never stops and loses nothing.
 */
export class SimulatedBroker {
  readonly topics = new MemoryBroker();
  readonly #groups = new Map<string, SimulatedGroup>();
  #eventsFailUntilMs = 0;
  #producers = 0n;
  readonly #open = new Set<bigint>();
  #newestEpoch = 0;
  #lateWatermarks = 0;

  constructor(
    private readonly world: World,
    private readonly partitions: number,
  ) {}

  append(messages: readonly OutgoingMessage[]): void {
    for (const message of messages) {
      this.#noteEpoch(message);
      this.topics.append(message);
    }
    for (const topic of new Set(messages.map((message) => message.topic))) this.topics.appended(topic);
  }

  /** Number of watermarks of a replaced relay that came after an event of its successor. */
  get lateWatermarks(): number {
    return this.#lateWatermarks;
  }

  #noteEpoch({ topic, headers }: OutgoingMessage): void {
    const epoch = Number(headers['ce_relayepoch'] ?? 0);
    if (topic === simulatedTopics.events) this.#newestEpoch = Math.max(this.#newestEpoch, epoch);
    else if (topic === simulatedTopics.watermarks && epoch < this.#newestEpoch) this.#lateWatermarks += 1;
  }

  /** Number of open transactions in the topic of commands. */
  get transactionsOpen(): number {
    return this.#open.size;
  }

  /**
   * Writes messages to the topic of commands in a transaction that ends by itself, even if the process that began it
   * does not.
   */
  transact(messages: readonly OutgoingMessage[], forMs: number, committed: boolean): void {
    this.#producers += 1n;
    const producer = this.#producers;
    const { commands } = simulatedTopics;
    this.#open.add(producer);
    for (const message of messages) this.topics.append(message, producer);
    this.topics.appended(commands);
    this.world.scheduler.plan(forMs, null, () => {
      this.#open.delete(producer);
      this.topics.endTransaction(commands, producer, committed);
    });
  }

  group(name: string): SimulatedGroup {
    const found = this.#groups.get(name) ?? new SimulatedGroup(this.world, this.partitions);
    this.#groups.set(name, found);
    return found;
  }

  /** Makes the topic of events slow and unreliable for a while. */
  failEvents(forMs: number): void {
    this.#eventsFailUntilMs = this.world.scheduler.nowMs + forMs;
  }

  /** @param toEvents whether messages go to the topic of events */
  faultsTo(toEvents: boolean): FaultProfile {
    const { faults, scheduler } = this.world;
    const isFailing = toEvents && faults !== calm && scheduler.nowMs < this.#eventsFailUntilMs;
    return isFailing ? { ...faults, ...eventsFaults } : faults;
  }

  /** Moves partitions for no reason. */
  rebalance(): void {
    for (const group of this.#groups.values()) group.shuffle();
  }

  /** Returns the messages outside of transactions. */
  all(topic: string): readonly BusMessage[] {
    return this.topics
      .ranges(topic, 'uncommitted')
      .flatMap(({ first, next }, at) => this.topics.items(topic, at, first, Number(next - first), 'uncommitted'))
      .filter(isMessage);
  }
}
