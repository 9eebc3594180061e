import type { FlowReply } from '@ringfence/domain/calls/call.commands';
import type { CallFlowRequested } from '@ringfence/domain/calls/call-flow.events';
import { type FlowProgram, programWithTexts } from '@ringfence/domain/flows/flow-action';
import { type FlowFault, faultOf } from '@ringfence/domain/flows/flow-fault';
import type { SealedText } from '@ringfence/domain/shared/values';
import type { AccountId, CallId } from '@ringfence/kernel/ids';
import type { SubjectVault } from '@ringfence/ports/vault/subject-vault';
import { readTelerReply } from './teler-reply.js';

/** The id by which an application recognises a request of a flow: the same in each attempt. */
export function flowRequestId({ callId, step }: { readonly callId: CallId; readonly step: number }): string {
  return `${callId}_${String(step)}`;
}

/** The body as the Teler API has it, with the rest of what is known beside it. An erased number is null. */
export function flowRequestBody(requested: CallFlowRequested, from: string | null, to: string | null): object {
  const { callId, accountId, appId, legId, cause, role, step } = requested;
  return {
    call_id: callId,
    account_id: accountId,
    call_app_id: appId,
    leg_id: legId,
    from_number: from,
    to_number: to,
    direction: requested.direction,
    state: 'answered',
    step,
    reason: cause,
    fallback: role === 'fallback',
  };
}

/**
 * Reads the body of a successful answer, and seals the texts of its actions.
 * @throws Failure `vault_unavailable` (retryable)
 */
export async function flowReplyOf(
  body: string,
  accountId: AccountId,
  vault: Pick<SubjectVault, 'seal'>,
): Promise<FlowReply> {
  const read = readTelerReply(body);
  if ('fault' in read) return failedReply(read.fault);
  const [action, ...rest] = await sealedProgram([read.action], accountId, vault);
  return { kind: 'program', action, rest };
}

export function failedReply(fault: FlowFault): FlowReply {
  return { kind: 'failed', fault };
}

/** The fault of an answer whose status says that there is no reply. */
export function statusFault(httpStatus: number): FlowFault {
  return { ...faultOf('status_not_successful'), httpStatus };
}

async function sealedProgram(
  program: FlowProgram<string>,
  accountId: AccountId,
  vault: Pick<SubjectVault, 'seal'>,
): Promise<FlowProgram<SealedText>> {
  const texts: string[] = [];
  programWithTexts(program, (text) => texts.push(text));
  const sealed = await Promise.all(texts.map((text) => vault.seal(accountId, text)));
  const byText = new Map(texts.map((text, at) => [text, sealed[at]]));
  return programWithTexts(program, (text) => {
    const known = byText.get(text);
    if (known === undefined) throw new RangeError('every text of the program was sealed');
    return known;
  });
}
