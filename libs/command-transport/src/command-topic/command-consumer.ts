import { type EventStore, laneTransactionsMax, type TakenLane } from '@ringfence/ports/log/event-store';
import { Failure } from '@ringfence/kernel/failure';
import type { CommandId, IdSource, StreamId } from '@ringfence/kernel/ids';
import type { Clock } from '@ringfence/kernel/clock';
import type { Lane } from '@ringfence/kernel/lane';
import { type CancelTimer, pause, type Timers } from '@ringfence/kernel/timers';
import { durationMs } from '@ringfence/kernel/units';
import {
  type BusMessage,
  isMessage,
  type OutgoingMessage,
  type PendingRecords,
  type UncommittedItem,
} from '@ringfence/ports/message-bus/message';
import type { HandOver, Membership, MessageBus, ReadFrom } from '@ringfence/ports/message-bus/message-bus';
import type { Topics } from '@ringfence/wire/topics';
import type { ReplayOnly } from '@ringfence/lanes/pending-command';
import type { SubmittedCommand } from '@ringfence/commands/command-dispatcher';
import type { LaneExecutor } from '@ringfence/lanes/lane-executor';
import type { MessageOffset } from '@ringfence/lanes/owned-lanes';
import { systemTimers } from '@ringfence/runtime/system-timers';
import { rejectionReport } from '@ringfence/commands/rejection-report';
import type { SubjectVault } from '@ringfence/ports/vault/subject-vault';
import type { Requester, SignedCommandVerifier } from '../signed-commands/signed-command-verifier.js';
import type { RejectedCommand } from '../signed-commands/rejected-command.js';
import type { ReplyAddress } from '../envelope/wire-command-envelope.js';
import { CommandReading, type ClassifiedAs, type ClassifiedMessage, type RawMessage } from './command-reading.js';
import { deadLetterOf, deadLetterOfBatch } from './dead-letter.js';
import { OwedReplies } from './owed-replies.js';
import { passedOn } from './passed-on.js';
import { DuplicateRecordFilter } from './duplicate-record-filter.js';
import { type Reply, replyEvent, withSecret } from './reply-event.js';
import { vouchedHeaders } from './cluster-event.js';
import type { ClusterMac } from './cluster-mac.js';
import { TransactionRecords } from './transaction-records.js';
import { beginningAt, isBeyond } from './resume-point.js';
import { fromWire, sealedIn } from '../envelope/command-codec.js';

export type CommandConsumerOptions = {
  readonly bus: MessageBus;
  readonly topics: Topics;
  readonly laneCount: number;
  readonly executor: LaneExecutor;
  readonly store: Pick<EventStore, 'findOutcomes'>;
  readonly vault: SubjectVault;
  readonly voucher: ClusterMac;
  readonly clock: Clock;
  readonly ids: Pick<IdSource, 'commandId'>;
  /** null: clients’ own commands are not taken here. */
  readonly door: SignedCommandVerifier | null;
  /** Bus for replies in dedicated topics: a topic that is gone holds up nobody else’s. */
  readonly accountBus: Pick<MessageBus, 'publish'>;
  /** Names this process. */
  readonly instance: string;
  readonly onRetryableError: (cause: unknown) => void;
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
export const handOverMsMax = 3_000;
const handOverLookMs = 50;

/** Time that the report of a rejected command may wait in its lane. */
const turningAwayWithinMs = durationMs(600_000);

/** The group that shares the lanes. */
export function decidersOf({ commands }: Topics): string {
  return `${commands}.deciders`;
}

/** A command for a lane, and the way back to its requester. */
type Dispatchable = {
  readonly place: MessageOffset;
  readonly replayOnly: ReplayOnly | null;
  readonly command: SubmittedCommand;
  readonly requester: Requester;
  readonly answer: (reply: Reply) => Reply;
};

/** The lanes that the group leaves to this process: takes them, decides what their partitions hold, and answers. */
export class CommandConsumer {
  #membership: Membership | undefined;
  readonly #timers: Timers;
  readonly #reading: CommandReading;
  /** Lanes that the group leaves to us, and how many looks in a row another process has had them. */
  readonly #ours = new Map<Lane, number>();
  /** Changes of our lanes happen one after the other. */
  #changing: Promise<unknown> = Promise.resolve();
  readonly #copies = new DuplicateRecordFilter();
  readonly #transactions: TransactionRecords;
  readonly #owed: OwedReplies;
  #cancelLook: CancelTimer = () => undefined;
  #stopped = false;

  private constructor(private readonly options: CommandConsumerOptions) {
    this.#timers = options.timers ?? systemTimers;
    this.#reading = new CommandReading(options);
    this.#transactions = new TransactionRecords({ ...options, timers: this.#timers });
    this.#owed = new OwedReplies({
      ...options,
      timers: this.#timers,
      reading: this.#reading,
      say: ({ stream, commandId, replyTo }, reply) => {
        this.#reply(stream, commandId, replyTo, reply);
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
    const anew = inLog.flatMap(({ lane, consumed }) => (isBeyond(consumed, ranges[lane]) ? [lane] : []));
    if (anew.length === 0) return inLog;
    onTopicRecreated(anew);
    return inLog.map((taken) => (anew.includes(taken.lane) ? { ...taken, consumed: null } : taken));
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
   * Settles when all of them are done with, for good. A rejection has the batch come again; what was done is passed
   * over then.
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
    // Signatures are checked, and values opened, on other threads; nothing is dispatched before all of the batch is
    // read, so that its order stays.
    const read = await Promise.all(unread.map((each) => this.#reading.read(each)));
    const dispatchable = await this.#dispatchable(read);
    // Before any of them is done: those behind a message that fails do not pass over it.
    executor.trackOffsets(
      [...unread, ...others.map((item) => ({ place: placeOf(item) }))].map(({ place }) => place).sort(byOffset),
    );
    const notFollowed = executor.transactions.follow(others.filter((item) => item.kind !== 'undecodable'));
    // Dispatched in their order, all at once: what a lane decides together it commits together.
    const isCopy = ({ replayOnly }: Dispatchable) => replayOnly === 'copy';
    const decided = dispatchable.filter((each) => !isCopy(each)).map((each) => this.#decide(each));
    await settleAll([this.#forwardOrDeadLetter(read, others, notFollowed), ...decided]).finally(() => {
      // Whatever fails: a marker that was done with does not come again.
      this.#transactions.look(new Set(others.map(({ partition }) => partition as Lane)));
    });
    // Afterwards: what they are copies of is done with now, in this batch or in an earlier one.
    await settleAll(dispatchable.filter(isCopy).map((each) => this.#decide(each)));
  }

  /** Returns what the lane has to decide, in its order. */
  async #dispatchable(read: readonly ClassifiedMessage[]): Promise<readonly Dispatchable[]> {
    const opened = (await this.#openAll(read.filter((each) => each.kind === 'carried'))).values();
    return read.flatMap((each): readonly Dispatchable[] => {
      switch (each.kind) {
        case 'carried': {
          const { replyTo, issuedAtMs: _issuedAtMs, payload, ...rest } = each.command;
          const values = opened.next().value ?? [];
          const command = { ...rest, payload: fromWire(payload, values) };
          const requester = { commandId: command.commandId, replyTo };
          const replayOnly = each.isCopy ? 'copy' : values.includes(null) ? 'erased' : null;
          return [{ place: each.place, replayOnly, command, requester, answer: (reply) => reply }];
        }
        case 'admitted': {
          const { place, isCopy, command, requester, secretJwe } = each;
          const replayOnly = isCopy ? 'copy' : null;
          return [{ place, replayOnly, command, requester, answer: (reply) => withSecret(reply, secretJwe) }];
        }
        case 'rejected': {
          const { place, rejected, requester } = each;
          const failure = new Failure(rejected.code, rejected.detail, false);
          // That is said again, and nothing is done: a copy of it is like any other.
          return [
            { place, replayOnly: null, command: this.#rejectionOf(rejected), requester, answer: () => ({ failure }) },
          ];
        }
        case 'misplaced':
        case 'unreadable':
          return [];
      }
    });
  }

  /** The personal values of all commands in one question, by command. */
  async #openAll(commands: readonly ClassifiedAs<'carried'>[]): Promise<readonly (readonly (string | null)[])[]> {
    const sealed = commands.map(({ command }) => sealedIn(command.payload));
    const all = sealed.flat();
    const opened = all.length === 0 ? [] : await this.options.vault.open(all);
    let next = 0;
    return sealed.map(({ length }) => {
      next += length;
      return opened.slice(next - length, next);
    });
  }

  async #decide({ command, place, replayOnly, requester, answer }: Dispatchable): Promise<void> {
    const { executor } = this.options;
    // The lane may have gone and come back since it was read.
    if (executor.isConsumed(place)) return;
    const reply = await executor.dispatch(command, place, replayOnly).then(
      (outcome): Reply => ({ outcome }),
      (failure: unknown): Reply => {
        // Nothing was decided: it comes again, until its deadline has passed.
        if (!(failure instanceof Failure) || failure.retryable) throw failure;
        return { failure };
      },
    );
    if (requester.replyTo !== null) this.#reply(command.stream, requester.commandId, requester.replyTo, answer(reply));
  }

  /** Replies with an outcome that is in the log: a requester without a reply retries. */
  #reply(stream: StreamId, commandId: CommandId | null, replyTo: ReplyAddress, reply: Reply): void {
    const { bus, accountBus, onRetryableError } = this.options;
    const message = this.#replyMessage(stream, commandId, replyTo, reply);
    (replyTo.topic === undefined ? bus : accountBus).publish([message]).catch(onRetryableError);
  }

  /** Forwards a message that is not for this lane, or keeps it as a dead letter, before it counts as consumed. */
  async #forwardOrDeadLetter(
    read: readonly ClassifiedMessage[],
    others: readonly NoMessage[],
    lost: readonly PendingRecords[],
  ): Promise<void> {
    const { topics, executor, bus } = this.options;
    const places = others.map(placeOf);
    const messages: OutgoingMessage[] = [];
    for (const batch of others)
      if (batch.kind === 'undecodable') messages.push(deadLetterOfBatch(batch, batch.reason, topics.deadLetters));
    for (const records of lost) messages.push(deadLetterOfBatch(records, tooManyOpen, topics.deadLetters));
    for (const each of read) {
      if (each.kind !== 'misplaced' && each.kind !== 'unreadable') continue;
      places.push(each.place);
      messages.push(
        each.kind === 'misplaced'
          ? passedOn(each.message, each.lane, topics)
          : deadLetterOf(each.message, each.reason, topics.deadLetters, each.withheld),
      );
    }
    if (places.length === 0) return;
    await bus.publish(messages);
    await executor.commitOffsets(places);
  }

  #replyMessage(stream: StreamId, commandId: CommandId | null, replyTo: ReplyAddress, reply: Reply): OutgoingMessage {
    const { voucher, topics, instance } = this.options;
    const event = replyEvent(commandId, reply, replyTo, `urn:ringfence:process:${instance}`);
    return {
      topic: replyTo.topic ?? topics.replies,
      key: stream,
      partition: replyTo.partition,
      headers: vouchedHeaders(event, voucher),
      value: event.data,
    };
  }

  /** An audit event in the stream of the account that it named. */
  #rejectionOf(rejected: RejectedCommand): SubmittedCommand {
    const { ids, instance, clock } = this.options;
    return rejectionReport(
      { ...rejected, count: 1 },
      { ids, clock, workerId: `decider:${instance}` },
      turningAwayWithinMs,
    );
  }
}

type NoMessage = Exclude<UncommittedItem, BusMessage>;

const tooManyOpen = `its transaction is not followed, for ${String(laneTransactionsMax)} others are open in its lane; whether it was committed is not known`;

function isNoMessage(item: UncommittedItem): item is NoMessage {
  return !isMessage(item);
}

function placeOf({ partition, offset }: UncommittedItem): MessageOffset {
  return { lane: partition as Lane, offset };
}

function byOffset(one: MessageOffset, other: MessageOffset): number {
  return one.offset < other.offset ? -1 : 1;
}

/** Settles when all have. @throws the first failure, when all have settled */
async function settleAll(works: readonly Promise<void>[]): Promise<void> {
  const settled = await Promise.allSettled(works);
  const failed = settled.find((each) => each.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
