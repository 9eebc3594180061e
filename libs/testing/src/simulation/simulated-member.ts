import type { UncommittedItem } from '@ringfence/ports/message-bus/message';
import type { HandOver, Joining } from '@ringfence/ports/message-bus/message-bus';
import { intakeRetryMs } from '@ringfence/ports/message-bus/partition-intake';
import type { Taking } from '@ringfence/ports/message-bus/taking';
import { pause } from '@ringfence/kernel/timers';
import { SimulatedPartitionReader } from './partition-reader.js';
import type { SimulatedBroker } from './simulated-broker.js';
import type { GroupMember, SimulatedGroup } from './simulated-group.js';
import type { SimulatedProcess } from './simulated-process.js';

const redeliveredMax = 4;

/**
 * A process's share of a topic, as the port specifies it: assigned and revoked one after the other, a batch at a time.
 */
export class SimulatedMember<Item extends UncommittedItem> implements GroupMember {
  readonly #readers = new Map<number, SimulatedPartitionReader<Item>>();
  readonly #group: SimulatedGroup;
  /** Counts removals from the group: notices from before the last one are ignored. */
  #life = 0;
  #left = false;
  #changing: Promise<void> = Promise.resolve();

  constructor(
    readonly process: SimulatedProcess,
    private readonly broker: SimulatedBroker,
    private readonly joining: Joining<Item>,
    private readonly taking: Taking<Item>,
  ) {
    this.#group = broker.group(joining.group);
  }

  join(): void {
    this.#group.join(this);
  }

  async leave(handOver?: HandOver): Promise<void> {
    this.#left = true;
    if (handOver !== undefined) await this.#handOver(handOver);
    this.#change(() => this.#release([...this.#readers.keys()]));
    await this.#changing;
    this.#group.leave(this);
  }

  assigned(partition: number): void {
    const life = this.#life;
    this.#change(() => this.#begin(partition, life));
  }

  revoked(partition: number, done: () => void): void {
    const handOver = this.joining.handOver?.();
    this.#change(async () => {
      if (handOver === undefined) await this.#release([partition]);
      else void this.#readOn(partition, handOver);
      done();
    });
  }

  cutOff(): void {
    this.#life += 1;
    this.#change(async () => {
      await this.#release([...this.#readers.keys()]);
      if (!this.#left) this.join();
    });
  }

  async #handOver(handOver: HandOver): Promise<void> {
    await this.#changing;
    this.#group.leave(this);
    while (this.#readers.size > 0) await this.#release(await handOver([...this.#readers.keys()]));
  }

  /** Reads on until a partition is released or given back; in the latter case reading starts over. */
  async #readOn(partition: number, handOver: HandOver): Promise<void> {
    const reader = this.#readers.get(partition);
    while (reader !== undefined && this.#readers.get(partition) === reader) {
      const [ended] = await handOver([partition]);
      if (ended === undefined) continue;
      this.#change(() => (this.#readers.get(partition) === reader ? this.#release([partition]) : Promise.resolve()));
      await this.#changing;
    }
  }

  async #begin(partition: number, life: number): Promise<void> {
    if (this.#readers.has(partition)) await this.#release([partition]);
    const { topic, onAssigned, onMessages, onRetryableError } = this.joining;
    while (!this.#left && this.#life === life) {
      try {
        const starts = await onAssigned([partition]);
        const start = starts.get(partition);
        const from = this.#before(typeof start === 'bigint' ? start : 0n);
        const reader = new SimulatedPartitionReader<Item>(this.process, this.broker, {
          topic,
          partition,
          from,
          taking: this.taking,
          onMessages,
          onRetryableError,
        });
        this.#readers.set(partition, reader);
        return;
      } catch (failure) {
        onRetryableError(failure);
        await pause(this.process.timers, intakeRetryMs);
      }
    }
  }

  async #release(partitions: readonly number[]): Promise<void> {
    if (partitions.length === 0) return;
    const readers = partitions.flatMap((partition) => this.#readers.get(partition) ?? []);
    for (const partition of partitions) this.#readers.delete(partition);
    await Promise.all(readers.map((reader) => reader.stop()));
    await this.joining.onRevoked(partitions).catch(this.joining.onRetryableError);
  }

  /** Draws where reading begins: sometimes it repeats messages that were consumed long ago. */
  #before(start: bigint): bigint {
    const { random, faults } = this.process.world;
    const again = random.chance(faults.redelivers) ? BigInt(random.between(1, redeliveredMax)) : 0n;
    return start > again ? start - again : 0n;
  }

  #change(work: () => Promise<void>): void {
    this.#changing = this.#changing.then(work).catch(this.joining.onRetryableError);
  }
}
