import type { Clock } from '@ringfence/kernel/clock';
import { Failure } from '@ringfence/kernel/failure';
import { type Lane, laneOf } from '@ringfence/kernel/lane';
import { type CloudEvent, readBinary } from '@ringfence/wire/cloud-event';
import type { BusMessage } from '@ringfence/ports/message-bus/message';
import { commandsKeptMs } from '@ringfence/wire/topics';
import type { MessageOffset } from '@ringfence/lanes/owned-lanes';
import {
  type Admitted,
  type Requester,
  isSignedCommand,
  type SignedCommandVerifier,
  subjectOf,
  tooOld,
} from '../signed-commands/signed-command-verifier.js';
import type { RejectedCommand } from '../signed-commands/rejected-command.js';
import { isInternalCommand } from '../envelope/internal-command-type.js';
import { type WireCommandEnvelope, readCommandEvent } from '../envelope/wire-command-envelope.js';
import { isFromCluster } from './cluster-event.js';
import type { ClusterMac } from './cluster-mac.js';

export type RawMessage = { readonly message: BusMessage; readonly place: MessageOffset; readonly isCopy: boolean };
type Classification =
  | { readonly kind: 'carried'; readonly command: WireCommandEnvelope }
  | Admitted
  /** A command that never reaches a decision; reported to its sender and to the log. */
  | { readonly kind: 'rejected'; readonly requester: Requester; readonly rejected: RejectedCommand }
  /** A message of another lane, valid or not. */
  | { readonly kind: 'misplaced'; readonly lane: Lane }
  /** `withheld`: without a MAC of the cluster, so the content may be personal and is not kept. */
  | { readonly kind: 'unreadable'; readonly reason: string; readonly withheld: boolean };
/** A message with its classification. */
export type ClassifiedMessage = RawMessage & Classification;
export type ClassifiedAs<Kind extends Classification['kind']> = Extract<ClassifiedMessage, { readonly kind: Kind }>;

export type CommandReadingParts = {
  readonly laneCount: number;
  readonly clusterMac: ClusterMac;
  readonly clock: Clock;
  /** null: clients’ own commands are not accepted here. */
  readonly verifier: SignedCommandVerifier | null;
};

/** Classifies the messages of the topic of commands: a gateway's command, a client's own, or neither. */
export class CommandReading {
  constructor(private readonly parts: CommandReadingParts) {}

  /** @throws Failure (retryable): the message cannot be classified at the moment */
  async read(unread: RawMessage): Promise<ClassifiedMessage> {
    return { ...unread, ...(await this.#read(unread)) };
  }

  async #read({ message, place }: RawMessage): Promise<Classification> {
    const event = readBinary(message.headers, message.value);
    if ('fault' in event) return unreadable(event.fault, true);
    const { verifier } = this.parts;
    if (verifier !== null && isSignedCommand(event)) return this.#signed(event, verifier, place.lane);
    if (!isInternalCommand(event.type)) return unreadable(`${event.type} is no command that this release knows`, true);
    if (!isFromCluster(event, this.parts.clusterMac)) return unreadable('it has no valid MAC of this cluster', true);
    return this.#carried(event, place.lane);
  }

  #carried(event: CloudEvent, lane: Lane): Classification {
    try {
      const command = readCommandEvent(event);
      const home = this.#laneOf(command.stream);
      if (home !== lane) return { kind: 'misplaced', lane: home };
      if (this.parts.clock.now() - command.issuedAtMs <= commandsKeptMs) return { kind: 'carried', command };
      const { stream, payload, principal, commandId, replyTo } = command;
      const presentedKeyId = principal.kind === 'key' ? principal.keyId : null;
      const rejected = { ...tooOld, presentedKeyId, stream, commandType: payload.type };
      return { kind: 'rejected', requester: { commandId, replyTo }, rejected };
    } catch (failure) {
      if (failure instanceof Failure) return unreadable(`${failure.code}: ${failure.message}`, false);
      throw failure;
    }
  }

  /**
   * Classifies a signed command. If its key and id belong to another lane than that of the account that it names, it is
   * forwarded, valid or not.
   */
  async #signed(event: CloudEvent, verifier: SignedCommandVerifier, lane: Lane): Promise<Classification> {
    const subject = subjectOf(event);
    const own = verifier.topicAccountOf(event);
    if (own !== undefined && own !== subject) {
      const home = this.#laneOf(own);
      return home === lane ? verifier.rejectForeignSubject(event, own) : { kind: 'misplaced', lane: home };
    }
    if (subject === undefined) return unreadable('subject must be an account id or `platform`', true);
    const home = this.#laneOf(subject);
    if (home !== lane && !verifier.isRoutedByOwnId(event)) return { kind: 'misplaced', lane: home };
    const result = await verifier.verify(event, subject);
    const decidedIn = this.#laneOf(result.kind === 'admitted' ? result.command.stream : result.rejected.stream);
    return decidedIn === lane ? result : { kind: 'misplaced', lane: decidedIn };
  }

  #laneOf(stream: WireCommandEnvelope['stream']): Lane {
    return laneOf(stream, this.parts.laneCount);
  }
}

function unreadable(reason: string, withheld: boolean): Classification {
  return { kind: 'unreadable', reason, withheld };
}
