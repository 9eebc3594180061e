import type { RejectionCode } from '@ringfence/domain/rejections/rejection.events';
import type { EventStore } from '@ringfence/ports/log/event-store';
import type { Clock } from '@ringfence/kernel/clock';
import { Failure } from '@ringfence/kernel/failure';
import { type AccountId, type CommandId, type LogId, parseStreamId, type StreamId } from '@ringfence/kernel/ids';
import { epochMs } from '@ringfence/kernel/units';
import type { CloudEvent } from '@ringfence/wire/cloud-event';
import {
  type CommandBody,
  commandNameIn,
  type PublicCommandName,
  publicCommands,
} from '@ringfence/wire/public-commands';
import { audienceOf, commandTypePrefix, replyToAttribute, type SignedClaims } from '@ringfence/wire/signed-command';
import { accountTopicsOf, commandsKeptMs, type Topics } from '@ringfence/wire/topics';
import { type ReplyAddress, replyToOf } from '../envelope/wire-command-envelope.js';
import { accountOfTopic } from '../envelope/reply-topic.js';
import { parseClientKey, type RequestIdentity } from '@ringfence/commands/request-identity';
import type { SubmittedCommand } from '@ringfence/commands/command-dispatcher';
import type { RequestBuilders } from '@ringfence/requests/request-builders';
import type { RequestContext, CommandRequest } from '@ringfence/requests/command-request';
import type { SealedBodies } from './sealed-body.js';
import { sealedSecret } from './secret-reply.js';
import type { SignatureCheck, SignatureFault, SignedBy } from './signature-check.js';
import type { RejectedCommand } from './rejected-command.js';

/** The farthest that `iat` may be ahead of the platform's clock. */
export const clockLeadMsMax = 60_000;
/** The longest time from `iat` to `exp`; the topic keeps no command for longer. */
export const validityMsMax = commandsKeptMs;

type SignedCommandVerifierParts = {
  readonly logId: LogId;
  readonly clock: Clock;
  readonly signatures: SignatureCheck;
  readonly bodies: SealedBodies;
  readonly requests: RequestBuilders;
  readonly identity: RequestIdentity;
  readonly store: Pick<EventStore, 'findOutcomes'>;
  readonly topics: Topics;
  /** Partitions of the topic of replies. */
  readonly replyPartitions: number;
};

/** The address for the outcome of a command; null: its sender does not wait. */
export type Requester = { readonly commandId: CommandId | null; readonly replyTo: ReplyAddress | null };
export type Admitted = {
  readonly kind: 'admitted';
  readonly requester: Requester;
  readonly command: SubmittedCommand;
  /** The secret in the answer, encrypted to the requester, sent with the first outcome only; null: there is none. */
  readonly secretJwe: string | null;
};
export type VerificationResult =
  Admitted | { readonly kind: 'rejected'; readonly requester: Requester; readonly rejected: RejectedCommand };

/** Says whether a message claims to be a client's command, valid or not. */
export function isSignedCommand({ type }: Pick<CloudEvent, 'type'>): boolean {
  return type.startsWith(commandTypePrefix);
}

/**
 * Verifies the signature of a command and its time limits, and builds its request. The key's authority is checked in
 * the lane.
 */
export class SignedCommandVerifier {
  readonly #audience: string;

  constructor(private readonly parts: SignedCommandVerifierParts) {
    this.#audience = audienceOf(parts.logId);
  }

  /**
   * @param subject the event's, read: the account that it names
   * @throws Failure (retryable): it cannot be verified at the moment
   */
  async verify(event: CloudEvent, subject: StreamId): Promise<VerificationResult> {
    const name = commandNameIn(event.type);
    const commandType = name === undefined ? null : commandTypeNamed(name);
    const signed = await this.parts.signatures.check(event);
    const requester = this.#requesterOf(event, subject, signed);
    const judged =
      'code' in signed
        ? signed
        : await this.#verify(event, subject, name, signed, requester).catch((failure: unknown): Rejection => {
            // A failure that is not retryable is the command's fault.
            if (!(failure instanceof Failure) || failure.retryable) throw failure;
            return reject('command_field_invalid', failure.message);
          });
    if (!('code' in judged)) return judged;
    const { code, detail, presentedKeyId } = judged;
    return { kind: 'rejected', requester, rejected: { stream: subject, code, detail, presentedKeyId, commandType } };
  }

  /** The account in whose dedicated topic the command was published; undefined: the shared topic. */
  topicAccountOf(event: CloudEvent): AccountId | undefined {
    return accountOfTopic(event, this.parts.topics);
  }

  /**
   * Rejects a command about another account in an account's dedicated topic, no matter who signed it. The rejection is
   * recorded for the account of the topic, the only one that can publish there.
   * @throws Failure (retryable): it cannot be verified at the moment
   */
  async rejectForeignSubject(event: CloudEvent, own: AccountId): Promise<VerificationResult> {
    const checked = await this.parts.signatures.check(event);
    const presentedKeyId = 'code' in checked ? checked.presentedKeyId : checked.keyId;
    const detail = `the topic is one account’s own, and ce_subject is that account: ${own}`;
    const name = commandNameIn(event.type);
    const commandType = name === undefined ? null : commandTypeNamed(name);
    return {
      kind: 'rejected',
      requester: this.#requesterOf(event, own, checked),
      rejected: { stream: own, code: 'signing_key_foreign', detail, presentedKeyId, commandType },
    };
  }

  /** Says whether the command's own id determines its account and lane: a new account's id is derived from it. */
  isRoutedByOwnId({ type }: CloudEvent): boolean {
    return commandNameIn(type) === 'open_account';
  }

  async #verify(
    event: CloudEvent,
    subject: StreamId,
    name: PublicCommandName | undefined,
    signed: SignedBy,
    requester: Requester,
  ): Promise<Rejection | Admitted> {
    const clientKey = parseClientKey(event.id);
    const fault =
      this.#faultOf(signed, subject) ??
      (name === undefined ? reject('command_unknown', 'this release knows no command of this type') : undefined) ??
      (clientKey === undefined
        ? reject('command_field_invalid', 'id is 1 to 255 printable ASCII characters')
        : undefined) ??
      (event.extensions[replyToAttribute] !== undefined && requester.replyTo === null
        ? reject('command_field_invalid', 'replyto is `<partition>.<correlation>`, a partition of the topic of replies')
        : undefined);
    if (fault !== undefined || name === undefined || clientKey === undefined)
      return { ...(fault ?? reject('command_unknown', '')), presentedKeyId: signed.keyId };
    const judged = await this.#admit(
      event,
      { stream: subject, keyId: signed.keyId, clientKey },
      name,
      signed,
      requester,
    );
    return 'code' in judged ? { ...judged, presentedKeyId: signed.keyId } : judged;
  }

  /** The fault of a signature or its claims, independent of the command. */
  #faultOf({ key, claims }: SignedBy, subject: StreamId): Rejection | undefined {
    if (key.home === 'account' && key.accountId !== subject)
      return reject('signing_key_foreign', 'the key belongs to another account than the one that the command is about');
    if (claims.audience !== this.#audience)
      return reject('audience_wrong', `aud is ${this.#audience}: it was signed for another log`);
    const nowMs = this.parts.clock.now();
    const [issuedAtMs, expiresAtMs] = [claims.issuedAtS * 1_000, claims.expiresAtS * 1_000];
    if (expiresAtMs <= issuedAtMs || expiresAtMs - issuedAtMs > validityMsMax)
      return reject('command_field_invalid', 'exp is after iat, by 7 days at most');
    if (issuedAtMs > nowMs + clockLeadMsMax)
      return reject('command_from_the_future', 'iat is more than 60 s ahead of the platform’s clock');
    if (nowMs - issuedAtMs > commandsKeptMs) return tooOld;
    return undefined;
  }

  async #admit(
    event: CloudEvent,
    context: RequestContext,
    name: PublicCommandName,
    { keyId, key, claims }: SignedBy,
    requester: Requester,
  ): Promise<Rejection | Admitted> {
    const { identity, clock } = this.parts;
    const read = await this.parts.bodies.read(name, event.data, context.stream);
    if ('code' in read) return { ...read, presentedKeyId: keyId };
    const request = await this.#request(name, read.body, context);
    const { stream, payload, fields, result } = request;
    // Most commands are about the account that they name, and its id is derived from that.
    const commandId =
      stream === context.stream && requester.commandId !== null
        ? requester.commandId
        : identity.commandIdFor(stream, key.mode, context.clientKey);
    const expiresAtMs = epochMs(claims.expiresAtS * 1_000);
    if (clock.now() >= expiresAtMs && !(await this.#isDecided(stream, commandId)))
      return reject('command_expired', 'exp has passed: it was not decided, and will not be');
    const secretJwe = await secretFor(request, claims, requester);
    if (secretJwe === undefined)
      return reject(
        'reply_key_missing',
        'its answer holds a secret: name replyto, and in the signature a reply_key that can be encrypted to',
      );
    return {
      kind: 'admitted',
      requester: { ...requester, commandId },
      secretJwe,
      command: {
        commandId,
        idChosenByClient: true,
        fingerprint: identity.fingerprint(payload.type, fields),
        stream,
        principal: { kind: 'key', keyId, home: key.home },
        payload,
        result,
        deadlineMs: expiresAtMs,
        traceparent: traceparentIn(event),
      },
    };
  }

  #request<Name extends PublicCommandName>(
    name: Name,
    body: CommandBody<Name>,
    context: RequestContext,
  ): Promise<CommandRequest> {
    return this.parts.requests[name](body, context);
  }

  /** Looks for an outcome, which a retried command gets even after `exp`. */
  async #isDecided(stream: StreamId, commandId: CommandId): Promise<boolean> {
    return (await this.parts.store.findOutcomes([{ stream, commandId }])).length > 0;
  }

  #requesterOf(event: CloudEvent, subject: StreamId, signed: SignedBy | SignatureFault): Requester {
    const { id, extensions } = event;
    const { identity, replyPartitions, topics } = this.parts;
    const clientKey = parseClientKey(id);
    // Only a valid signature proves whose key it is. Without one the id belongs to no decided command.
    const mode = 'code' in signed ? null : signed.key.mode;
    const commandId = clientKey === undefined ? null : identity.commandIdFor(subject, mode, clientKey);
    const replyTo = readReplyTo(extensions[replyToAttribute]);
    const own = this.topicAccountOf(event);
    if (replyTo !== null && own !== undefined) {
      const { replies: topic } = accountTopicsOf(topics, own);
      return { commandId, replyTo: { ...replyTo, partition: 0, topic } };
    }
    return { commandId, replyTo: replyTo !== null && replyTo.partition < replyPartitions ? replyTo : null };
  }
}

/** The rejection of a command that is older than the topic's retention. */
export const tooOld = reject(
  'command_too_old',
  'it was issued before what the topic keeps: whether it was decided is unknown',
);

type Rejection = Pick<RejectedCommand, 'code' | 'detail' | 'presentedKeyId'>;

function reject(code: RejectionCode, detail: string): Rejection {
  return { code, detail, presentedKeyId: null };
}

/** The encrypted secret; null: the answer has none; undefined: it has one, but there is no key to encrypt it to. */
async function secretFor(
  { secret }: CommandRequest,
  { replyKey }: SignedClaims,
  requester: Requester,
): Promise<string | null | undefined> {
  if (secret === null) return null;
  if (replyKey === null || requester.replyTo === null) return undefined;
  // Before the decision, because a key that nothing can be encrypted to would lose the secret.
  return sealedSecret(secret, replyKey).catch(() => undefined);
}

function commandTypeNamed(name: PublicCommandName): RejectedCommand['commandType'] {
  return publicCommands[name].commandType;
}

function readReplyTo(text: string | undefined): ReplyAddress | null {
  try {
    return text === undefined ? null : replyToOf(text);
  } catch {
    return null;
  }
}

const traceparentPattern = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;
function traceparentIn({ extensions: { traceparent } }: CloudEvent): string | null {
  return traceparent !== undefined && traceparentPattern.test(traceparent) ? traceparent : null;
}

/** The account that a client's command names; undefined: none. */
export function subjectOf({ subject }: CloudEvent): StreamId | undefined {
  return parseStreamId(subject ?? '');
}
