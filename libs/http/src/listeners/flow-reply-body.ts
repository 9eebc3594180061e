import type { FlowReply } from '@ringfence/domain/calls/call.commands';
import { faultOf } from '@ringfence/domain/flows/flow-fault';
import type { AccountId } from '@ringfence/kernel/ids';
import type { SubjectVault } from '@ringfence/ports/vault/subject-vault';
import { idPattern } from '@ringfence/wire/field-rule';
import { failedReply, flowReplyOf, statusFault } from '@ringfence/wire/flows/flow-exchange';
import { expectationOf, replyBytesMax } from '@ringfence/wire/flows/teler-reply';
import { Choice, LongText, Text, WholeNumber } from '../edge/fields.js';
import { edgeProblem } from '../problem.js';

/** Reasons why a request has no answer; the codes are those of a flow's faults. */
const listenerErrors = ['connection_failed', 'request_timed_out', 'reply_too_large'] as const;

export class FlowReplyBody {
  @Text({ description: 'The call.', charactersMax: 40, pattern: idPattern('cs'), required: true })
  call_id!: string;

  @WholeNumber({ description: 'The step that was requested.', least: 1, most: 1_000_000, required: true })
  step!: number;

  @WholeNumber({ description: 'The status that the application answered.', least: 100, most: 599 })
  status?: number | null;

  @LongText({ description: 'The body that it answered, as it came; empty if left out.', charactersMax: replyBytesMax })
  body?: string | null;

  @Choice({ description: 'Why there is no answer; in place of a status.', of: listenerErrors })
  error?: (typeof listenerErrors)[number] | null;
}

/**
 * Reads what the application answered.
 * @throws HttpProblem `validation_failed`; Failure `vault_unavailable` (retryable)
 */
export async function readAnswer(
  { status: answered, body, error }: FlowReplyBody,
  accountId: AccountId,
  vault: Pick<SubjectVault, 'seal'>,
): Promise<FlowReply> {
  const isError = typeof error === 'string';
  if (isError === (typeof answered === 'number')) {
    const detail = 'is given where there is no error, and only there';
    throw edgeProblem('validation_failed', `status ${detail}`, {
      errors: [{ in: 'body', path: ['status'], rule: 'exclusive', detail }],
    });
  }
  if (isError) return failedReply(faultOf(error));
  if (typeof answered === 'number' && (answered < 200 || answered > 299)) return failedReply(statusFault(answered));
  const text = body ?? '';
  if (Buffer.byteLength(text) > replyBytesMax) return failedReply(faultOf('reply_too_large'));
  return flowReplyOf(text, accountId, vault);
}

export function recordedBody(reply: FlowReply): object {
  if (reply.kind === 'program') return { action: reply.action.kind, fault: null };
  const { code, pointer, httpStatus } = reply.fault;
  return { action: null, fault: { code, pointer, expected: expectationOf(reply.fault), http_status: httpStatus } };
}
