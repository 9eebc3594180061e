import { setTimeout as sleep } from 'node:timers/promises';
import { systemTimers } from '@ringfence/runtime/system-timers';
import {
  behind,
  bytesOf,
  type DecodedItem,
  messageBytesMax,
  type OutgoingMessage,
  type UncommittedItem,
} from '@ringfence/ports/message-bus/message';
import type {
  Following,
  HandOver,
  Joining,
  Membership,
  MessageBus,
  PartitionRange,
  RangePlace,
  ReadFrom,
  TransactionPlace,
} from '@ringfence/ports/message-bus/message-bus';
import { busFailures } from '@ringfence/ports/message-bus/failures';
import {
  batchMessagesMax,
  intakeMessagesMax,
  PartitionIntake,
  intakeRetryMs,
} from '@ringfence/ports/message-bus/partition-intake';
import { decodable, everything, messagesAlone, type Taking } from '@ringfence/ports/message-bus/taking';
import type { TopicSpec } from '@ringfence/ports/message-bus/topic-spec';
import type { MemoryBroker } from './memory-broker.js';
import { MemoryGroup } from './memory-group.js';

/** The bus of one process. */
export class MemoryMessageBus implements MessageBus {
  readonly #members = new Set<Pick<Member<never>, 'leave'>>();
  #closed = false;

  constructor(private readonly broker: MemoryBroker) {}

  ensureTopics(specs: readonly TopicSpec[]): Promise<void> {
    return this.#whileOpen(() => {
      const complaints = specs.flatMap((spec) => this.broker.ensure(spec) ?? []);
      if (complaints.length > 0) throw busFailures.topic_settings_wrong(complaints);
    });
  }

  topicNames(): Promise<readonly string[]> {
    return this.#whileOpen(() => this.broker.names());
  }

  publish(messages: readonly OutgoingMessage[]): Promise<void> {
    return this.#whileOpen(() => {
      for (const message of messages) {
        const bytes = bytesOf(message);
        if (bytes > messageBytesMax) throw busFailures.message_too_large(message.topic, bytes, messageBytesMax);
      }
      for (const topic of new Set(messages.map((message) => message.topic))) this.broker.ranges(topic);
      for (const message of messages) this.broker.append(message);
      for (const topic of new Set(messages.map((message) => message.topic))) this.broker.appended(topic);
    });
  }

  join(joining: Joining): Promise<Membership> {
    return this.#join(joining, messagesAlone);
  }

  follow(following: Following): Promise<Membership> {
    return this.#follow(following, messagesAlone);
  }

  joinUncommitted(joining: Joining<UncommittedItem>): Promise<Membership> {
    return this.#join(joining, everything);
  }

  followDecodable(following: Following<DecodedItem>): Promise<Membership> {
    return this.#follow(following, decodable);
  }

  async *readTransaction(place: TransactionPlace): AsyncIterable<readonly DecodedItem[]> {
    const records = await this.#whileOpen(() => this.broker.transaction(place));
    for (let at = 0; at < records.length; at += batchMessagesMax) yield records.slice(at, at + batchMessagesMax);
  }

  async *readRange({ topic, partition, first, end }: RangePlace): AsyncIterable<readonly DecodedItem[]> {
    for (let from = first; from < end;) {
      const items = await this.#whileOpen(() =>
        this.broker.items(topic, partition, from, batchMessagesMax, 'committed').map((item) => decodable.wanted(item)),
      );
      const page = items.filter(({ offset }) => offset < end);
      if (page.length > 0) yield page;
      const last = page.at(-1);
      from = last === undefined ? end : behind(last);
    }
  }

  ranges(topic: string): Promise<readonly PartitionRange[]> {
    return this.#whileOpen(() => this.broker.ranges(topic));
  }

  uncommittedRanges(topic: string): Promise<readonly PartitionRange[]> {
    return this.#whileOpen(() => this.broker.ranges(topic, 'uncommitted'));
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#members].map((member) => member.leave()));
    this.#members.clear();
  }

  async #join<Item extends UncommittedItem>(joining: Joining<Item>, taking: Taking<Item>): Promise<Membership> {
    const member = await this.#whileOpen(
      () => new Member(this.broker, this.broker.group(joining.topic, joining.group), joining, taking),
    );
    this.#members.add(member);
    await member.join();
    return {
      leave: async (handOver) => {
        this.#members.delete(member);
        await member.leave(handOver);
      },
    };
  }

  async #follow<Item extends UncommittedItem>(
    { from, ...following }: Following<Item>,
    taking: Taking<Item>,
  ): Promise<Membership> {
    const alone = new MemoryGroup(0);
    const joining = {
      ...following,
      group: '',
      onAssigned: () => Promise.resolve(from),
      onRevoked: () => Promise.resolve(),
    };
    const member = await this.#whileOpen(() => new Member(this.broker, alone, joining, taking));
    this.#members.add(member);
    await member.assign([...from.keys()]);
    return {
      leave: async () => {
        this.#members.delete(member);
        await member.revoke([...from.keys()]);
        await member.leave();
      },
    };
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- a throw becomes a rejection
  async #whileOpen<Result>(work: () => Result): Promise<Result> {
    if (this.#closed) throw busFailures.bus_closed();
    return work();
  }
}

class Member<Item extends UncommittedItem> {
  readonly #intakes = new Map<number, PartitionIntake<Item>>();
  /** Partitions that belong to others by now and are still read here. */
  readonly #givenAway = new Set<number>();
  #ending: Promise<void> = Promise.resolve();
  readonly #stopListening: () => void;
  #left = false;

  constructor(
    private readonly broker: MemoryBroker,
    private readonly group: MemoryGroup,
    private readonly joining: Joining<Item>,
    private readonly taking: Taking<Item>,
  ) {
    this.#stopListening = broker.onAppended((topic) => {
      if (topic === joining.topic) for (const partition of this.#intakes.keys()) this.#fill(partition);
    });
  }

  join(): Promise<void> {
    return this.group.join(this);
  }

  async leave(handOver?: HandOver): Promise<void> {
    if (this.#left) return;
    this.#left = true;
    if (handOver !== undefined) await this.#handOver(handOver);
    await this.#end([...this.#givenAway]);
    this.#stopListening();
    await this.group.leave(this);
  }

  async #handOver(handOver: HandOver): Promise<void> {
    await this.group.abandon(this);
    while (this.#intakes.size > 0) await this.revoke(await handOver([...this.#intakes.keys()]));
  }

  async giveAway(partitions: readonly number[]): Promise<void> {
    const handOver = this.joining.handOver?.();
    if (handOver === undefined) await this.revoke(partitions);
    else void this.#readOn(partitions, handOver);
  }

  /**
   * Reads on until a partition is released or given back; in the latter case reading starts over where its owner says.
   */
  async #readOn(partitions: readonly number[], handOver: HandOver): Promise<void> {
    for (const partition of partitions) this.#givenAway.add(partition);
    let left = partitions;
    while (left.length > 0) {
      await this.#end(await handOver(left));
      left = left.filter((partition) => this.#givenAway.has(partition));
    }
  }

  /** Ends them one after the other: a partition that returns begins after its end was reported. */
  #end(partitions: readonly number[]): Promise<void> {
    this.#ending = this.#ending.then(() =>
      this.revoke(partitions.filter((partition) => this.#givenAway.has(partition))),
    );
    return this.#ending;
  }

  async assign(partitions: readonly number[]): Promise<void> {
    await this.#end(partitions);
    const ranges = this.broker.ranges(this.joining.topic, this.taking.isolation);
    const starts = await this.#startsOf(partitions);
    for (const partition of partitions) {
      const { first = 0n, next = 0n } = ranges[partition] ?? {};
      const start = starts.get(partition) ?? 'first';
      const from = start === 'first' ? first : start === 'next' ? next : start;
      const { onMessages, onRetryableError } = this.joining;
      const onRoom = () => {
        this.#fill(partition);
      };
      this.#intakes.set(
        partition,
        new PartitionIntake<Item>(partition, from, { timers: systemTimers, onMessages, onRetryableError, onRoom }),
      );
      this.#fill(partition);
    }
  }

  async revoke(partitions: readonly number[]): Promise<void> {
    const intakes = partitions.flatMap((partition) => this.#intakes.get(partition) ?? []);
    for (const partition of partitions) {
      this.#intakes.delete(partition);
      this.#givenAway.delete(partition);
    }
    await Promise.all(intakes.map((intake) => intake.stop()));
    if (partitions.length > 0) await this.joining.onRevoked(partitions).catch(this.joining.onRetryableError);
  }

  async #startsOf(partitions: readonly number[]): Promise<ReadonlyMap<number, ReadFrom>> {
    while (!this.#left) {
      try {
        return await this.joining.onAssigned(partitions);
      } catch (failure) {
        this.joining.onRetryableError(failure);
        await sleep(intakeRetryMs);
      }
    }
    return new Map();
  }

  #fill(partition: number): void {
    const intake = this.#intakes.get(partition);
    if (intake === undefined) return;
    intake.reading();
    const { topic, onRetryableError } = this.joining;
    const { isolation, wanted } = this.taking;
    try {
      for (const item of this.broker.items(topic, partition, intake.next, intakeMessagesMax + 1, isolation))
        intake.offer(wanted(item));
    } catch (failure) {
      onRetryableError(failure);
    }
  }
}
