import type { Clock } from '@ringfence/kernel/clock';
import { Failure } from '@ringfence/kernel/failure';
import { invariant } from '@ringfence/kernel/invariant';
import { laneOf } from '@ringfence/kernel/lane';
import type { CancelTimer, Timers } from '@ringfence/kernel/timers';
import { readBinary } from '@ringfence/wire/cloud-event';
import { busFailures } from '@ringfence/ports/message-bus/failures';
import type { BusMessage } from '@ringfence/ports/message-bus/message';
import type { Membership, MessageBus } from '@ringfence/ports/message-bus/message-bus';
import type { Topics } from '@ringfence/wire/topics';
import type { CommandDispatcher, CommandOutcome, SubmittedCommand } from '@ringfence/commands/command-dispatcher';
import { laneFailures } from '@ringfence/lanes/lane-failures';
import { overloadRetryAfterMs } from '@ringfence/lanes/lane-executor';
import { commandEvent } from '../envelope/wire-command-envelope.js';
import { readReplyEvent, type Reply } from './reply-event.js';
import { isFromCluster, authenticatedHeaders } from './cluster-event.js';
import type { ClusterMac } from './cluster-mac.js';

/** The most commands that may wait for replies. */
const pendingRepliesMax = 16_384;
/** Time after a command's deadline in which its lane may still report that it was not decided. */
export const replyGraceMs = 2_000;

type RemoteDispatcherOptions = {
  readonly bus: MessageBus;
  readonly topics: Topics;
  readonly laneCount: number;
  readonly clusterMac: ClusterMac;
  readonly clock: Clock;
  readonly timers: Timers;
  /** Names this process; letters, digits, `-` and `_`. */
  readonly instance: string;
  readonly onRetryableError: (cause: unknown) => void;
};

type PendingReply = {
  readonly resolve: (outcome: CommandOutcome) => void;
  readonly reject: (failure: Error) => void;
  readonly cancel: CancelTimer;
};

/** Dispatches commands to the lanes of other processes over the bus, and receives their replies. */
export class RemoteDispatcher implements CommandDispatcher {
  readonly #pendingReplies = new Map<string, PendingReply>();
  readonly #source: string;
  #listening: Membership | undefined;
  #sequence = 0;

  private constructor(
    private readonly options: RemoteDispatcherOptions,
    /** The partition of the replies that we read; other gateways may read it too. */
    private readonly partition: number,
  ) {
    this.#source = `urn:ringfence:process:${options.instance}`;
  }

  /** @throws Failure `bus_unavailable` (retryable) */
  static async start(options: RemoteDispatcherOptions): Promise<RemoteDispatcher> {
    const { bus, topics, laneCount, instance, onRetryableError } = options;
    const partition = partitionOf(instance, laneCount);
    const dispatcher = new RemoteDispatcher(options, partition);
    dispatcher.#listening = await bus.follow({
      topic: topics.replies,
      from: new Map([[partition, 'next']]),
      onMessages: (_partition, batch) => {
        for (const message of batch) dispatcher.#onReply(message);
        return Promise.resolve();
      },
      onRetryableError,
    });
    return dispatcher;
  }

  /** @throws Failure of the port, and `reply_timeout`: it is unknown whether the command was decided */
  dispatch(command: SubmittedCommand): Promise<CommandOutcome> {
    const { clock, timers, instance, laneCount, topics, clusterMac, bus } = this.options;
    if (this.#pendingReplies.size >= pendingRepliesMax)
      return Promise.reject(laneFailures.overloaded(overloadRetryAfterMs));
    this.#sequence += 1;
    const correlation = `${instance}-${this.#sequence.toString(36)}`;
    const issuedAtMs = clock.now();
    const event = commandEvent(command, issuedAtMs, { partition: this.partition, correlation }, this.#source);
    const waitMs = Math.max(0, command.deadlineMs - issuedAtMs) + replyGraceMs;
    return new Promise((resolve, reject) => {
      const settle = (end: () => void) => {
        const pending = this.#pendingReplies.get(correlation);
        if (pending === undefined) return;
        this.#pendingReplies.delete(correlation);
        pending.cancel();
        end();
      };
      const cancel = timers.after(waitMs, () => {
        settle(() => {
          reject(replyTimeout(command));
        });
      });
      this.#pendingReplies.set(correlation, { resolve, reject, cancel });
      const partition = laneOf(command.stream, laneCount);
      const message = {
        topic: topics.commands,
        key: command.stream,
        partition,
        headers: authenticatedHeaders(event, clusterMac),
        value: event.data,
      };
      bus.publish([message]).catch((failure: unknown) => {
        settle(() => {
          reject(failure instanceof Error ? failure : busFailures.bus_unavailable(failure));
        });
      });
    });
  }

  get waiting(): number {
    return this.#pendingReplies.size;
  }

  /** Stops; waiting commands get an unknown outcome. */
  async stop(): Promise<void> {
    await this.#listening?.leave();
    const why = laneFailures.lane_unavailable('the process is stopping');
    for (const { reject, cancel } of this.#pendingReplies.values()) {
      cancel();
      reject(why);
    }
    this.#pendingReplies.clear();
  }

  #onReply({ headers, value }: BusMessage): void {
    const event = readBinary(headers, value);
    // Replies for other gateways that share the partition are ignored.
    const mine = 'fault' in event ? undefined : this.#pendingReplies.get(event.id);
    if ('fault' in event || mine === undefined) return;
    if (!isFromCluster(event, this.options.clusterMac)) {
      this.options.onRetryableError(
        new Failure('reply_not_vouched_for', 'a reply came from outside the cluster', false),
      );
      return;
    }
    this.#pendingReplies.delete(event.id);
    mine.cancel();
    try {
      give(readReplyEvent(event).reply, mine);
    } catch (failure) {
      mine.reject(
        failure instanceof Error ? failure : laneFailures.lane_unavailable('its reply cannot be read', failure),
      );
    }
  }
}

function give(reply: Reply, { resolve, reject }: PendingReply): void {
  if ('failure' in reply) reject(reply.failure);
  else resolve(reply.outcome);
}

function partitionOf(instance: string, partitions: number): number {
  invariant(/^[A-Za-z0-9_-]{1,40}$/.test(instance), 'an instance is named by letters, digits, - and _');
  let sum = 0;
  for (const letter of instance) sum = (sum * 31 + letter.charCodeAt(0)) >>> 0;
  return sum % partitions;
}

function replyTimeout({ commandId }: SubmittedCommand): Failure {
  return new Failure(
    'reply_timeout',
    `no reply came in time: whether command ${commandId} was carried out is not known`,
    true,
  );
}
