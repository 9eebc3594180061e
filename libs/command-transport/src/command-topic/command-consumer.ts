import type { EventStore, TakenLane } from '@ringfence/ports/log/event-store';
import { Failure } from '@ringfence/kernel/failure';
import type { Lane } from '@ringfence/kernel/lane';
import { type CancelTimer, pause, type Timers } from '@ringfence/kernel/timers';
import { isMessage, type PendingRecords, type UncommittedItem } from '@ringfence/ports/message-bus/message';
import type { HandOver, Membership, MessageBus, ReadFrom } from '@ringfence/ports/message-bus/message-bus';
import type { LaneExecutor } from '@ringfence/lanes/lane-executor';
import type { MessageOffset } from '@ringfence/lanes/owned-lanes';
import { systemTimers } from '@ringfence/runtime/system-timers';
import type { Topics } from '@ringfence/wire/topics';
import {
  CommandReading,
  type ClassifiedMessage,
  type CommandReadingParts,
  type RawMessage,
} from './command-reading.js';
import { CommandReplies, type CommandRepliesParts } from './command-replies.js';
import {
  type DispatchableCommand,
  DispatchableCommands,
  type DispatchableCommandsParts,
} from './dispatchable-commands.js';
import { DuplicateRecordFilter } from './duplicate-record-filter.js';
import { OwedReplies } from './owed-replies.js';
import type { Reply } from './reply-event.js';
import { beginningAt, isBeyond } from './resume-point.js';
import { TransactionRecords } from './transaction-records.js';
import { forwardedOrDeadLetters, type NoMessage, undispatched } from './undispatched-records.js';

export type CommandConsumerOptions = CommandReadingParts &
  CommandRepliesParts &
  DispatchableCommandsParts & {
    readonly bus: MessageBus;
    readonly executor: LaneExecutor;
    readonly store: Pick<EventStore, 'findOutcomes'>;
    /** The topic is another one than what these lanes had consumed: they begin with its first records. */
    readonly onTopicRecreated: (lanes: readonly Lane[]) => void;
    readonly timers?: Timers;
  };

/**
 * A lane can be taken from us by one that the group has cut off: its question was on its way for long. If the group
 * leaves the lane here for longer than it takes such a one to learn that it is out, nobody else will give it back, and
 * we take it again. Counted in looks: a process that was stopped for long has to hear from its group first.
 */
const lookEveryMs = 5_000;
const lostLooksMax = 4;
export const retakeAfterMs = lookEveryMs * lostLooksMax;

/** Time that others have to take lanes that are handed over, and the interval at which that is checked. */
const handOverMsMax = 3_000;
const handOverLookMs = 50;

/** The group that shares the lanes. */
export function decidersOf({ commands }: Topics): string {
  return `${commands}.deciders`;
}

/** The lanes that the group leaves to this process: takes them, decides what their partitions hold, and answers. */
export class CommandConsumer {
  #membership: Membership | undefined;
  readonly #timers: Timers;
  readonly #reading: CommandReading;
  readonly #dispatchable: DispatchableCommands;
  readonly #replies: CommandReplies;
  /** Lanes that the group leaves to us, and how many looks in a row another process has had them. */
  readonly #ours = new Map<Lane, number>();
  /** The last change of our lanes, for which the next one waits. */
  #changing: Promise<unknown> = Promise.resolve();
  readonly #copies = new DuplicateRecordFilter();
  readonly #transactions: TransactionRecords;
  readonly #owed: OwedReplies;
  #cancelLook: CancelTimer = () => undefined;
  #stopped = false;

  private constructor(private readonly options: CommandConsumerOptions) {
    this.#timers = options.timers ?? systemTimers;
    this.#reading = new CommandReading(options);
    this.#dispatchable = new DispatchableCommands(options);
    this.#replies = new CommandReplies(options);
    this.#transactions = new TransactionRecords({ ...options, timers: this.#timers });
    this.#owed = new OwedReplies({
      ...options,
      timers: this.#timers,
      reading: this.#reading,
      send: ({ stream, commandId, replyTo }, reply) => {
        this.#replies.send(stream, commandId, replyTo, reply);
      },
    });
  }

  /** @throws Failure `bus_unavailable` (retryable) */
  static async start(options: CommandConsumerOptions): Promise<CommandConsumer> {
    const consumer = new CommandConsumer(options);
    const { bus, topics, onRetryableError } = options;
    consumer.#membership = await bus.joinUncommitted({
      topic: topics.commands,
      group: decidersOf(topics),
      onAssigned: (partitions) => consumer.#inTurn(() => consumer.#assigned(partitions as readonly Lane[])),
      onMessages: (_partition, batch) => consumer.#take(batch),
      onRevoked: (partitions) => consumer.#inTurn(() => consumer.#revoked(partitions as readonly Lane[])),
      handOver: () => consumer.#handOver(() => true),
      onRetryableError,
    });
    consumer.#planLook();
    return consumer;
  }

  /**
   * @param hasHeirs whether other processes are there to take the lanes: then each lane is decided for here until one
   * of them has. Their right to write for it comes with the lane's next epoch, which ends ours
   */
  async stop(hasHeirs: () => boolean = () => false): Promise<void> {
    this.#stopped = true;
    this.#cancelLook();
    await this.#membership?.leave(hasHeirs() ? this.#handOver(hasHeirs) : undefined);
    await Promise.all([this.#transactions.stop(), this.#owed.stop()]);
  }

  #handOver(hasHeirs: () => boolean): HandOver {
    const timers = this.#timers;
    const untilMs = timers.monotonicMs() + handOverMsMax;
    return async (lanes) => {
      if (!hasHeirs() || timers.monotonicMs() >= untilMs) return lanes;
      await pause(timers, handOverLookMs);
      return this.#inTurn(() => this.options.executor.releaseTaken(lanes as readonly Lane[])).catch(
        (cause: unknown) => {
          this.options.onRetryableError(cause);
          return [];
        },
      );
    };
  }

  async #assigned(lanes: readonly Lane[]): Promise<ReadonlyMap<number, ReadFrom>> {
    const consumed = await this.options.executor.acquire(lanes, (inLog) => this.#resetIfRecreated(inLog));
    for (const lane of lanes) this.#ours.set(lane, 0);
    this.#owed.inherit(consumed);
    this.#transactions.look(lanes);
    return new Map([...consumed].map(([lane, offsets]): [number, ReadFrom] => [lane, beginningAt(offsets)]));
  }

  /**
   * Resets lanes whose topic was recreated: more is consumed than was ever written, or its end is lost. Such a lane
   * begins with the first record: to go on where the log says would silently pass over as many commands as were ever
   * consumed. What was accepted once has its outcome in the log.
   */
  async #resetIfRecreated(inLog: readonly TakenLane[]): Promise<readonly TakenLane[]> {
    const { bus, topics, onTopicRecreated } = this.options;
    const ranges = await bus.uncommittedRanges(topics.commands);
    const recreated = inLog.flatMap(({ lane, consumed }) => (isBeyond(consumed, ranges[lane]) ? [lane] : []));
    if (recreated.length === 0) return inLog;
    onTopicRecreated(recreated);
    return inLog.map((taken) => (recreated.includes(taken.lane) ? { ...taken, consumed: null } : taken));
  }

  async #revoked(lanes: readonly Lane[]): Promise<void> {
    for (const lane of lanes) this.#ours.delete(lane);
    this.#copies.forget(lanes);
    this.#owed.forget(lanes);
    await this.options.executor.release(lanes);
  }

  #planLook(): void {
    if (this.#stopped) return;
    this.#cancelLook = this.#timers.after(lookEveryMs, () => {
      this.#inTurn(() => this.#reacquireLostLanes())
        .catch(this.options.onRetryableError)
        .finally(() => {
          this.#planLook();
        });
    });
  }

  async #reacquireLostLanes(): Promise<void> {
    const { executor } = this.options;
    for (const [lane, looks] of this.#ours) this.#ours.set(lane, executor.ownsLane(lane) ? 0 : looks + 1);
    const lost = [...this.#ours].flatMap(([lane, looks]) => (looks >= lostLooksMax ? [lane] : []));
    if (lost.length === 0) return;
    await executor.acquire(lost, (inLog) => this.#resetIfRecreated(inLog));
    this.#transactions.look(lost);
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#changing.then(work);
    this.#changing = done.catch(() => undefined);
    return done;
  }

  /**
   * Settles when all items are consumed. If it rejects, the batch is delivered again, and consumed items are skipped.
   */
  async #take(batch: readonly UncommittedItem[]): Promise<void> {
    const { executor } = this.options;
    const come = batch.filter(isMessage).map((message): RawMessage => {
      const place = placeOf(message);
      return { message, place, isCopy: this.#copies.isCopy(place.lane, message) };
    });
    this.#owed.look(come);
    const unread = come.filter(({ place }) => !executor.isConsumed(place));
    const others = batch.filter(isNoMessage).filter((item) => !executor.isConsumed(placeOf(item)));
    // Signatures are checked and values decrypted on other threads; nothing is dispatched before the whole batch is
    // read, so that its order is kept.
    const read = await Promise.all(unread.map((each) => this.#reading.read(each)));
    const dispatchable = await this.#dispatchable.of(read);
    // Before any of them is consumed, so that the consumed offset does not pass a message that fails.
    executor.trackOffsets(
      [...unread, ...others.map((item) => ({ place: placeOf(item) }))].map(({ place }) => place).sort(byOffset),
    );
    const notFollowed = executor.transactions.follow(others.filter((item) => item.kind !== 'undecodable'));
    // Dispatched in order and all at once, because a lane commits together what it decides together.
    const isCopy = ({ replayOnly }: DispatchableCommand) => replayOnly === 'copy';
    const decided = dispatchable.filter((each) => !isCopy(each)).map((each) => this.#decide(each));
    await settleAll([this.#forwardOrDeadLetter(read, others, notFollowed), ...decided]).finally(() => {
      // Even after a failure, because a consumed marker is not delivered again.
      this.#transactions.look(new Set(others.map(({ partition }) => partition as Lane)));
    });
    // Duplicates come last: by now their originals are consumed, in this batch or an earlier one.
    await settleAll(dispatchable.filter(isCopy).map((each) => this.#decide(each)));
  }

  async #decide({ command, place, replayOnly, requester, answer }: DispatchableCommand): Promise<void> {
    const { executor } = this.options;
    // The lane may have been lost and taken again since the message was read.
    if (executor.isConsumed(place)) return;
    const reply = await executor.dispatch(command, place, replayOnly).then(
      (outcome): Reply => ({ outcome }),
      (failure: unknown): Reply => {
        // Nothing was decided: the message is delivered again until its deadline has passed.
        if (!(failure instanceof Failure) || failure.retryable) throw failure;
        return { failure };
      },
    );
    const { commandId, replyTo } = requester;
    if (replyTo !== null) this.#replies.send(command.stream, commandId, replyTo, answer(reply));
  }

  /** Forwards a message that is not for this lane, or keeps it as a dead letter, before it counts as consumed. */
  async #forwardOrDeadLetter(
    read: readonly ClassifiedMessage[],
    others: readonly NoMessage[],
    notFollowed: readonly PendingRecords[],
  ): Promise<void> {
    const { topics, executor, bus } = this.options;
    const messages = undispatched(read);
    const places = [...others.map(placeOf), ...messages.map(({ place }) => place)];
    if (places.length === 0) return;
    await bus.publish(forwardedOrDeadLetters(messages, others, notFollowed, topics));
    await executor.commitOffsets(places);
  }
}

function isNoMessage(item: UncommittedItem): item is NoMessage {
  return !isMessage(item);
}

function placeOf({ partition, offset }: UncommittedItem): MessageOffset {
  return { lane: partition as Lane, offset };
}

function byOffset(one: MessageOffset, other: MessageOffset): number {
  return one.offset < other.offset ? -1 : 1;
}

/** Settles when all have settled. @throws the first failure */
async function settleAll(works: readonly Promise<void>[]): Promise<void> {
  const settled = await Promise.allSettled(works);
  const failed = settled.find((each) => each.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
