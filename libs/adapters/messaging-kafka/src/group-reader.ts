import { setTimeout as sleep } from 'node:timers/promises';
import { Base, Consumer } from '@platformatic/kafka';
import type { BusMessage, UncommittedItem } from '@ringfence/ports/message-bus/message';
import type { HandOver, Joining, PartitionRange } from '@ringfence/ports/message-bus/message-bus';
import { intakeRetryMs } from '@ringfence/ports/message-bus/partition-intake';
import { isOutage } from './broker-errors.js';
import { clientOptions, type KafkaConnection } from './kafka-connection.js';
import { answerMsMax, withTimeout } from './answered.js';
import type { Taking } from '@ringfence/ports/message-bus/taking';
import { PartitionReaders } from './partition-readers.js';
import { offsetOf } from './reading-place.js';

/** Session timeout: a member that is silent for this long has lost its partitions. Brokers allow no less by default. */
export const sessionMs = 6_000;
/** Interval of heartbeats: how soon a member learns that the group is changing. */
const heartbeatMs = 500;
/** The longest wait for a broker to acknowledge our leaving; otherwise the group times us out. */
const goodbyeMsMax = 2_000;

/**
 * One member of a consumer group. The group only assigns partitions; where reading begins is determined by `joining`,
 * and no offsets are committed at the broker. Rebalances are cooperative: partitions that stay with a member are read
 * on while others come and go.
 */
export class GroupReader<Item extends UncommittedItem = BusMessage> {
  readonly #consumer: Consumer;
  readonly #readers: PartitionReaders<Item>;
  readonly #leaving = new AbortController();
  /**
   * Partitions that were taken from us and have a batch in progress, or whose loss has not been reported yet. They are
   * not read again before that is done.
   */
  readonly #going = new Map<number, Promise<void>>();
  /** Partitions that the group has assigned to others and that are still read here until they are handed over. */
  readonly #givenAway = new Set<number>();
  /** Serialises the changes. */
  #changing: Promise<void> = Promise.resolve();

  constructor(
    connection: KafkaConnection,
    private readonly joining: Joining<Item>,
    taking: Taking<Item>,
    private readonly ranges: () => Promise<readonly PartitionRange[]>,
  ) {
    this.#consumer = new Consumer({
      ...clientOptions(connection),
      groupId: joining.group,
      ...(connection.member !== undefined ? { groupInstanceId: connection.member } : {}),
      autocommit: false,
      sessionTimeout: sessionMs,
      rebalanceTimeout: sessionMs,
      heartbeatInterval: heartbeatMs,
      protocols: [{ name: 'cooperative-sticky', version: 3 }],
    });
    this.#readers = new PartitionReaders(connection, { reading: joining, taking, client: this.#consumer, ranges });
  }

  async leave(handOver?: HandOver): Promise<void> {
    this.#leaving.abort();
    await this.#changing;
    if (handOver !== undefined) await this.#handOver(handOver);
    await this.#readers.stopFetching();
    this.#revoke(this.#readers.partitions);
    await Promise.all(this.#going.values());
    await this.#readers.close();
    try {
      await withTimeout(this.#consumer.close(true), goodbyeMsMax);
    } catch (failure) {
      // A group that we have not joined does not accept our leaving, and one that we are joining may not answer before
      // its rebalance is over; the connections still have to be closed.
      this.joining.onRetryableError(failure);
      await Base.prototype.close.call(this.#consumer);
    }
  }

  /** Hands over before leaving: reading needs no group, so it continues until another member has the partitions. */
  async #handOver(handOver: HandOver): Promise<void> {
    try {
      await withTimeout(this.#leaveGroup(), goodbyeMsMax);
    } catch (failure) {
      this.joining.onRetryableError(failure);
      return;
    }
    while (this.#readers.partitions.length > 0) this.#revoke(await handOver(this.#readers.partitions));
  }

  #leaveGroup(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#consumer.leaveGroup(true, (failure) => {
        if (failure === null) resolve();
        else reject(failure);
      });
    });
  }

  /** Settles when we have joined the group, or have left before that. */
  async begin(): Promise<void> {
    const consumer = this.#consumer;
    consumer.topics.track(this.joining.topic);
    consumer.on('consumer:group:join', () => {
      this.#change(() => this.#settle());
    });
    consumer.on('error', this.joining.onRetryableError);
    consumer.on('consumer:heartbeat:stalled', ({ lastError }) => {
      // While no broker answers, our partitions are not reassigned.
      if (lastError === undefined || isOutage(lastError)) return;
      this.joining.onRetryableError(lastError);
      this.#dropAssignments();
      void this.#join();
    });
    await this.#join();
  }

  async #join(): Promise<void> {
    await this.#untilDone(() => this.#consumer.joinGroup());
  }

  /**
   * Drops the assignments: the brokers are available and have refused our heartbeats for the whole session timeout, so
   * others have our partitions.
   */
  #dropAssignments(): void {
    this.#consumer.assignments = [];
    this.#change(() => this.#settle());
  }

  /**
   * Adapts what we read to the group's assignments. Other partitions are read meanwhile, without waiting for a batch.
   */
  async #settle(): Promise<void> {
    const { topic } = this.joining;
    const ours = new Set(this.#consumer.assignments?.find((assignment) => assignment.topic === topic)?.partitions);
    // Others may have had it meanwhile: reading starts over.
    this.#revoke([...this.#givenAway].filter((partition) => ours.has(partition)));
    this.#giveAway(
      this.#readers.partitions.filter((partition) => !ours.has(partition) && !this.#givenAway.has(partition)),
    );
    const gained = [...ours].filter((partition) => !this.#readers.has(partition) && !this.#going.has(partition));
    if (gained.length > 0) await this.#begin(gained);
  }

  async #begin(gained: readonly number[]): Promise<void> {
    const ranges = await this.#untilDone(() => withTimeout(this.ranges(), answerMsMax));
    const starts = await this.#untilDone(() => this.joining.onAssigned(gained));
    if (starts === undefined || ranges === undefined) return;
    for (const partition of gained)
      this.#readers.begin(partition, offsetOf(starts.get(partition) ?? 'first', ranges[partition]));
  }

  #giveAway(lost: readonly number[]): void {
    const handOver = this.joining.handOver?.();
    if (handOver === undefined || lost.length === 0) {
      this.#revoke(lost);
      return;
    }
    for (const partition of lost) this.#givenAway.add(partition);
    void this.#readOn(lost, handOver);
  }

  /** Reads on until each partition is released or given back, or until we leave. */
  async #readOn(lost: readonly number[], handOver: HandOver): Promise<void> {
    let left = lost;
    while (left.length > 0 && !this.#leaving.signal.aborted) {
      const ended = await handOver(left);
      this.#revoke(ended.filter((partition) => this.#givenAway.has(partition)));
      left = left.filter((partition) => this.#givenAway.has(partition));
    }
  }

  /**
   * Stops taking items of these partitions. Idle ones are given up together, each of the others when its batch has
   * settled.
   */
  #revoke(lost: readonly number[]): void {
    for (const partition of lost) this.#givenAway.delete(partition);
    const busy = lost.filter((partition) => this.#readers.isBusy(partition));
    const idle = lost.filter((partition) => !busy.includes(partition));
    for (const partitions of [idle, ...busy.map((partition) => [partition])]) {
      if (partitions.length === 0) continue;
      const gone = this.#release(partitions);
      for (const partition of partitions) this.#going.set(partition, gone);
    }
  }

  async #release(partitions: readonly number[]): Promise<void> {
    await this.#readers.end(partitions);
    await this.joining.onRevoked(partitions).catch(this.joining.onRetryableError);
    for (const partition of partitions) this.#going.delete(partition);
    // The group may have given them back meanwhile.
    this.#change(() => this.#settle());
  }

  #change(work: () => Promise<void>): void {
    this.#changing = this.#changing.then(async () => {
      if (!this.#leaving.signal.aborted) await work();
    });
    this.#changing = this.#changing.catch(this.joining.onRetryableError);
  }

  async #untilDone<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
    while (!this.#leaving.signal.aborted) {
      try {
        return await work();
      } catch (failure) {
        this.joining.onRetryableError(failure);
        await this.#pause();
      }
    }
    return undefined;
  }

  #pause(): Promise<void> {
    return sleep(intakeRetryMs, undefined, { signal: this.#leaving.signal }).catch(() => undefined);
  }
}
