import { Failure } from '@ringfence/kernel/failure';
import { type Lane, laneOf } from '@ringfence/kernel/lane';
import type { CancelTimer, Timers } from '@ringfence/kernel/timers';
import { type CloudEvent, readBinary } from '@ringfence/messaging/cloud-event';
import type { BusMessage, OutgoingMessage } from '@ringfence/messaging/message';
import type { Membership, MessageBus, ReadFrom } from '@ringfence/messaging/message-bus';
import type { Topics } from '@ringfence/messaging/topics';
import type { SubmittedCommand } from '../lane/command-dispatcher.js';
import type { LaneExecutor } from '../lane/lane-executor.js';
import type { MessagePlace } from '../lane/owned-lanes.js';
import { systemTimers } from '../lane/system-timers.js';
import type { SubjectVault } from '../personal-data/subject-vault.js';
import { type CarriedCommand, readCommandEvent, wishTypePrefix } from './carried-command.js';
import { deadLetterOf } from './dead-letter.js';
import { type Reply, replyEvent } from './reply-event.js';
import { isVouchedFor, vouchedHeaders } from './vouched-event.js';
import type { Voucher } from './voucher.js';
import { delivered, sealedIn } from './wish-catalog.js';

export type CommandConsumerOptions = {
  readonly bus: MessageBus;
  readonly topics: Topics;
  readonly laneCount: number;
  readonly executor: LaneExecutor;
  readonly vault: SubjectVault;
  readonly voucher: Voucher;
  /** Names this process. */
  readonly instance: string;
  readonly onTrouble: (cause: unknown) => void;
  readonly timers?: Timers;
};

/**
 * A lane can be taken from us by one that the group has cut off: its question was on its way for long. If the group leaves the lane here for longer
 * than it takes such a one to learn that it is out, nobody else will give it back, and we take it again. Counted in looks: a process that was stopped
 * for long has to hear from its group first.
 */
const lookEveryMs = 5_000;
const lostLooksMax = 4;
export const retakeAfterMs = lookEveryMs * lostLooksMax;

type Unread = { readonly message: BusMessage; readonly place: MessagePlace };
/** What a message turned out to be. */
type Read = Unread &
  (
    | { readonly kind: 'command'; readonly command: CarriedCommand }
    | { readonly kind: 'misplaced'; readonly lane: Lane }
    | { readonly kind: 'unreadable'; readonly reason: string }
  );
type Of<Kind extends Read['kind']> = Extract<Read, { readonly kind: Kind }>;

/** The lanes that the group leaves to this process: takes them, decides what their partitions hold, and answers. */
export class CommandConsumer {
  #membership: Membership | undefined;
  readonly #timers: Timers;
  /** Lanes that the group leaves to us, and how many looks in a row another process has had them. */
  readonly #ours = new Map<Lane, number>();
  /** What changes our lanes happens one after the other. */
  #changing: Promise<unknown> = Promise.resolve();
  #cancelLook: CancelTimer = () => undefined;
  #stopped = false;

  private constructor(private readonly options: CommandConsumerOptions) {
    this.#timers = options.timers ?? systemTimers;
  }

  /** @throws Failure `bus_unavailable` (retryable) */
  static async start(options: CommandConsumerOptions): Promise<CommandConsumer> {
    const consumer = new CommandConsumer(options);
    const { bus, topics, onTrouble } = options;
    consumer.#membership = await bus.join({
      topic: topics.commands,
      group: `${topics.commands}.deciders`,
      onAssigned: (partitions) => consumer.#inTurn(() => consumer.#assigned(partitions as readonly Lane[])),
      onMessages: (_partition, batch) => consumer.#take(batch),
      onRevoked: (partitions) => consumer.#inTurn(() => consumer.#revoked(partitions as readonly Lane[])),
      onTrouble,
    });
    consumer.#planLook();
    return consumer;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelLook();
    await this.#membership?.leave();
  }

  async #assigned(lanes: readonly Lane[]): Promise<ReadonlyMap<number, ReadFrom>> {
    const consumed = await this.options.executor.acquire(lanes);
    for (const lane of lanes) this.#ours.set(lane, 0);
    return new Map([...consumed].map(([lane, offsets]): [number, ReadFrom] => [lane, offsets?.next ?? 'first']));
  }

  async #revoked(lanes: readonly Lane[]): Promise<void> {
    for (const lane of lanes) this.#ours.delete(lane);
    await this.options.executor.release(lanes);
  }

  #planLook(): void {
    if (this.#stopped) return;
    this.#cancelLook = this.#timers.after(lookEveryMs, () => {
      this.#inTurn(() => this.#takeLostAgain())
        .catch(this.options.onTrouble)
        .finally(() => {
          this.#planLook();
        });
    });
  }

  async #takeLostAgain(): Promise<void> {
    const { executor } = this.options;
    for (const [lane, looks] of this.#ours) this.#ours.set(lane, executor.ownsLane(lane) ? 0 : looks + 1);
    const lost = [...this.#ours].flatMap(([lane, looks]) => (looks >= lostLooksMax ? [lane] : []));
    if (lost.length > 0) await executor.acquire(lost);
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#changing.then(work);
    this.#changing = done.catch(() => undefined);
    return done;
  }

  /** Settles when all of them are done with, for good. A rejection has the batch come again; what was done is passed over then. */
  async #take(batch: readonly BusMessage[]): Promise<void> {
    const { executor } = this.options;
    const unread = batch
      .map((message): Unread => ({ message, place: { lane: message.partition as Lane, offset: message.offset } }))
      .filter(({ place }) => !executor.isConsumed(place));
    const read = unread.map((each) => this.#read(each));
    const commands = read.filter(isCommand);
    const opened = await this.#openAll(commands);
    // Before any of them is done: those behind a message that fails do not pass over it.
    executor.expect(unread.map(({ place }) => place));
    // Dispatched in their order, all at once: what a lane decides together it commits together.
    const decided = commands.map((each, at) => this.#decide(each, opened[at] ?? []));
    const putAway = this.#putAway(read);
    const settled = await Promise.allSettled([putAway, ...decided]);
    const failed = settled.find((each) => each.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  #read(unread: Unread): Read {
    const { message, place } = unread;
    const event = readBinary(message.headers, message.value);
    if ('fault' in event) return { ...unread, kind: 'unreadable', reason: event.fault };
    if (!event.type.startsWith(wishTypePrefix))
      return { ...unread, kind: 'unreadable', reason: `${event.type} is no command that this release knows` };
    if (!isVouchedFor(event, this.options.voucher))
      return { ...unread, kind: 'unreadable', reason: 'no process of this cluster vouches for it' };
    return { ...unread, ...this.#commandIn(event, place.lane) };
  }

  #commandIn(
    event: CloudEvent,
    lane: Lane,
  ):
    | Pick<Of<'command'>, 'kind' | 'command'>
    | Pick<Of<'misplaced'>, 'kind' | 'lane'>
    | Pick<Of<'unreadable'>, 'kind' | 'reason'> {
    try {
      const command = readCommandEvent(event);
      const home = laneOf(command.stream, this.options.laneCount);
      return home === lane ? { kind: 'command', command } : { kind: 'misplaced', lane: home };
    } catch (failure) {
      if (failure instanceof Failure) return { kind: 'unreadable', reason: `${failure.code}: ${failure.message}` };
      throw failure;
    }
  }

  /** The personal values of all commands in one question, by command. */
  async #openAll(commands: readonly Of<'command'>[]): Promise<readonly (readonly (string | null)[])[]> {
    const sealed = commands.map(({ command }) => sealedIn(command.wish));
    const all = sealed.flat();
    const opened = all.length === 0 ? [] : await this.options.vault.open(all);
    let next = 0;
    return sealed.map(({ length }) => {
      next += length;
      return opened.slice(next - length, next);
    });
  }

  async #decide({ command: carried, place }: Of<'command'>, opened: readonly (string | null)[]): Promise<void> {
    const { executor, onTrouble } = this.options;
    // The lane may have gone and come back since it was read.
    if (executor.isConsumed(place)) return;
    const { replyTo: _replyTo, issuedAtMs: _issuedAtMs, wish: carriedWish, ...rest } = carried;
    const wish = delivered(carriedWish, opened);
    const command: SubmittedCommand = { ...rest, wish };
    const reply = await executor.dispatch(command, place).then(
      (outcome): Reply => ({ outcome }),
      (failure: unknown): Reply => {
        // Nothing was decided: it comes again, until its deadline has passed.
        if (!(failure instanceof Failure) || failure.retryable) throw failure;
        return { failure };
      },
    );
    // Its outcome stands in the log: who does not hear of it asks again.
    this.#publish([this.#replyMessage(carried, reply)]).catch(onTrouble);
  }

  /** What is not for this lane goes where it belongs before it counts as consumed. */
  async #putAway(read: readonly Read[]): Promise<void> {
    const { topics, executor } = this.options;
    const others: MessagePlace[] = [];
    const messages: OutgoingMessage[] = [];
    for (const each of read) {
      if (each.kind === 'command') continue;
      others.push(each.place);
      messages.push(
        each.kind === 'misplaced'
          ? { ...each.message, partition: each.lane }
          : deadLetterOf(each.message, each.reason, topics.deadLetters),
      );
    }
    if (others.length === 0) return;
    await this.#publish(messages);
    await executor.note(others);
  }

  #replyMessage({ commandId, replyTo, stream }: CarriedCommand, reply: Reply): OutgoingMessage {
    const { voucher, topics, instance } = this.options;
    const event = replyEvent(commandId, reply, replyTo, `urn:ringfence:process:${instance}`);
    return {
      topic: topics.replies,
      key: stream,
      partition: replyTo.partition,
      headers: vouchedHeaders(event, voucher),
      value: event.data,
    };
  }

  #publish(messages: readonly OutgoingMessage[]): Promise<void> {
    return this.options.bus.publish(messages);
  }
}

function isCommand(read: Read): read is Of<'command'> {
  return read.kind === 'command';
}
