import { isRecord } from '@ringfence/event-catalog/shape-codec';
import { canonicalJson } from '@ringfence/event-catalog/canonical-json';
import { Failure } from '@ringfence/kernel/failure';
import type { CommandId } from '@ringfence/kernel/ids';
import type { JsonObject } from '@ringfence/kernel/json';
import { position } from '@ringfence/kernel/units';
import type { CloudEvent } from '@ringfence/wire/cloud-event';
import type { CommandOutcome } from '@ringfence/commands/command-dispatcher';
import { Overloaded } from '@ringfence/lanes/lane-failures';
import { readRefusal, refusalBody } from '@ringfence/lanes/outcome-codec';
import { parsed, replyToOf, type ReplyAddress } from '../envelope/wire-command-envelope.js';

/** The reply to a command: its outcome, or why it can have none. */
export type Reply = { readonly outcome: CommandOutcome } | { readonly failure: Failure };

const replyType = 'ringfence.command.outcome.v1';

export function replyEvent(
  commandId: CommandId | null,
  reply: Reply,
  replyTo: ReplyAddress,
  source: string,
): CloudEvent {
  return {
    // The id is that of the attempt, so a repeated reply is the same event.
    id: replyTo.correlation,
    source,
    type: replyType,
    subject: commandId,
    time: null,
    extensions: { replyto: `${String(replyTo.partition)}.${replyTo.correlation}` },
    data: Buffer.from(canonicalJson(bodyOf(reply))),
  };
}

/** @throws Failure `event_field_invalid`: the event is not a reply */
export function readReplyEvent({ data, extensions }: CloudEvent): {
  readonly reply: Reply;
  readonly replyTo: ReplyAddress;
} {
  const body = parsed(data);
  return { reply: replyOf(body), replyTo: replyToOf(extensions['replyto'] ?? '') };
}

function bodyOf(reply: Reply): JsonObject {
  if ('failure' in reply) {
    const { code, message, retryable } = reply.failure;
    const retryAfterMs = reply.failure instanceof Overloaded ? { retryAfterMs: reply.failure.retryAfterMs } : {};
    return { status: 'failed', code, message, retryable, ...retryAfterMs };
  }
  const { outcome } = reply;
  const { position: at, replayed } = outcome;
  if (outcome.accepted) return { status: 'accepted', position: at, replayed, result: outcome.result };
  return { status: 'refused', position: at, replayed, refusal: refusalBody(outcome.refusal) };
}

function replyOf(body: Record<string, unknown>): Reply {
  const { status, position: at, replayed, result, refusal, code, message, retryable, retryAfterMs } = body;
  if (status === 'failed' && typeof code === 'string' && typeof message === 'string') {
    if (typeof retryAfterMs === 'number') return { failure: new Overloaded(retryAfterMs) };
    return { failure: new Failure(code, message, retryable === true) };
  }
  if (typeof at !== 'number' || typeof replayed !== 'boolean') throw malformed();
  // JSON.parse made both, and the MAC authenticates the text.
  if (status === 'accepted' && isRecord(result))
    return { outcome: { accepted: true, position: position(at), replayed, result: result as JsonObject } };
  if (status === 'refused' && isRecord(refusal))
    return {
      outcome: { accepted: false, position: position(at), replayed, refusal: readRefusal(refusal as JsonObject) },
    };
  throw malformed();
}

function malformed(): Failure {
  return new Failure('command_field_invalid', 'data must be an outcome or a failure', false);
}

/** Adds the secret to this reply only; the kept outcome has none. */
export function replyWithSecret(reply: Reply, secretJwe: string | null): Reply {
  if (secretJwe === null || !('outcome' in reply) || !reply.outcome.accepted) return reply;
  const { outcome } = reply;
  const shown = outcome.replayed ? {} : { secret_jwe: secretJwe };
  return { outcome: { ...outcome, result: { ...outcome.result, ...shown, secret_already_shown: outcome.replayed } } };
}
