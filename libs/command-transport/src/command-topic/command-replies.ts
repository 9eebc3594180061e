import type { CommandId, StreamId } from '@ringfence/kernel/ids';
import type { OutgoingMessage } from '@ringfence/ports/message-bus/message';
import type { MessageBus } from '@ringfence/ports/message-bus/message-bus';
import type { Topics } from '@ringfence/wire/topics';
import type { ReplyAddress } from '../envelope/wire-command-envelope.js';
import { authenticatedHeaders } from './cluster-event.js';
import type { ClusterMac } from './cluster-mac.js';
import { type Reply, replyEvent } from './reply-event.js';

export type CommandRepliesParts = {
  readonly bus: Pick<MessageBus, 'publish'>;
  /** Bus for replies in dedicated topics: a topic that is gone holds up nobody else’s. */
  readonly accountBus: Pick<MessageBus, 'publish'>;
  readonly topics: Topics;
  readonly clusterMac: ClusterMac;
  /** Names this process. */
  readonly instance: string;
  readonly onRetryableError: (cause: unknown) => void;
};

/** Sends replies to gateways and to clients that signed their commands. */
export class CommandReplies {
  constructor(private readonly parts: CommandRepliesParts) {}

  /** Replies with an outcome that is in the log: a requester without a reply retries. */
  send(stream: StreamId, commandId: CommandId | null, replyTo: ReplyAddress, reply: Reply): void {
    const { bus, accountBus, onRetryableError } = this.parts;
    const message = this.#messageOf(stream, commandId, replyTo, reply);
    (replyTo.topic === undefined ? bus : accountBus).publish([message]).catch(onRetryableError);
  }

  #messageOf(stream: StreamId, commandId: CommandId | null, replyTo: ReplyAddress, reply: Reply): OutgoingMessage {
    const { clusterMac, topics, instance } = this.parts;
    const event = replyEvent(commandId, reply, replyTo, `urn:ringfence:process:${instance}`);
    return {
      topic: replyTo.topic ?? topics.replies,
      key: stream,
      partition: replyTo.partition,
      headers: authenticatedHeaders(event, clusterMac),
      value: event.data,
    };
  }
}
