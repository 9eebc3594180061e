import type { FlowReply } from '@ringfence/domain/calls/call.commands';
import type { CallFlowRequested } from '@ringfence/domain/calls/call-flow.events';
import { type FlowFault, faultOf, type FlowFaultCode } from '@ringfence/domain/flows/flow-fault';
import type { Clock } from '@ringfence/kernel/clock';
import type { AccountId } from '@ringfence/kernel/ids';
import { pause, type Timers } from '@ringfence/kernel/timers';
import type { OutboundAnswer, OutboundClient } from '@ringfence/ports/outbound/outbound-client';
import { outboundFailureCode } from '@ringfence/ports/outbound/outbound-failures';
import type { SubjectVault } from '@ringfence/ports/vault/subject-vault';
import {
  failedReply,
  flowReplyOf,
  flowRequestBody,
  flowRequestId,
  statusFault,
} from '@ringfence/wire/flows/flow-exchange';
import { isListenerUrl, listenerReplyMsMax } from '@ringfence/wire/flows/listener-url';
import { replyBytesMax } from '@ringfence/wire/flows/teler-reply';
import { signatureHeaders } from '@ringfence/wire/webhooks/webhook-signature';

/** Waits before the second and the third attempt; there is no fourth. */
const retryMs = [500, 1_500] as const;

type FlowRequestParts = {
  readonly outbound: OutboundClient;
  readonly vault: SubjectVault;
  readonly clock: Clock;
  readonly timers: Timers;
};

/**
 * Requests the next action of a call, and reads the reply. A connection that fails and a status from 500 on are tried
 * again, under the same `webhook-id`.
 * @param signal aborts the wait between two attempts
 * @returns undefined: aborted, or recorded by somebody else
 * @throws Failure `vault_unavailable` (retryable)
 */
export async function requestFlow(
  requested: CallFlowRequested,
  parts: FlowRequestParts,
  signal: AbortSignal,
): Promise<FlowReply | undefined> {
  const { vault } = parts;
  const { accountId, url: sealedUrl, from, to, signedWith } = requested;
  const opened = await vault.open([sealedUrl, from, to, ...signedWith]);
  const [url = null, fromNumber = null, toNumber = null, ...secrets] = opened;
  if (url === null) return failedReply(faultOf('url_erased'));
  if (requested.mode === 'test' && isListenerUrl(url)) return unansweredByListener(parts.timers, signal);
  const body = JSON.stringify(flowRequestBody(requested, fromNumber, toNumber));
  for (let attempt = 0; ; attempt += 1) {
    const result = await attemptOnce(
      requested,
      { url, body, secrets: secrets.filter((secret) => secret !== null) },
      parts,
    );
    const waitMs = retryMs[attempt];
    if (waitMs === undefined || !('fault' in result) || !isTransient(result.fault))
      return replyOf(result, accountId, vault);
    await pause(parts.timers, waitMs, signal);
    if (signal.aborted) return undefined;
  }
}

/**
 * A gateway hands the request to the listener, and records the reply, which aborts this wait. It ends by itself where
 * nobody listens, or the listener is gone.
 */
async function unansweredByListener(timers: Timers, signal: AbortSignal): Promise<FlowReply | undefined> {
  await pause(timers, listenerReplyMsMax, signal);
  return signal.aborted ? undefined : failedReply(faultOf('request_timed_out'));
}

type Attempt = OutboundAnswer | { readonly fault: FlowFault };

async function attemptOnce(
  requested: CallFlowRequested,
  { url, body, secrets }: { readonly url: string; readonly body: string; readonly secrets: readonly string[] },
  { outbound, clock }: FlowRequestParts,
): Promise<Attempt> {
  const timestampSeconds = Math.floor(clock.now() / 1_000);
  const signature = signatureHeaders({ id: flowRequestId(requested), timestampSeconds, body, secrets });
  const headers = { 'content-type': 'application/json', accept: 'application/json', ...signature };
  try {
    const answer = await outbound.post({ url, mode: requested.mode, headers, body, answerBytesMax: replyBytesMax });
    if (answer.status >= 200 && answer.status < 300) return answer;
    return { fault: statusFault(answer.status) };
  } catch (error) {
    const code = outboundFailureCode(error);
    if (code === undefined) throw error;
    return { fault: faultOf(faultCodes[code]) };
  }
}

const faultCodes: Readonly<Record<NonNullable<ReturnType<typeof outboundFailureCode>>, FlowFaultCode>> = {
  outbound_url_invalid: 'address_not_allowed',
  outbound_address_forbidden: 'address_not_allowed',
  outbound_name_unresolved: 'connection_failed',
  outbound_connect_failed: 'connection_failed',
  outbound_tls_failed: 'connection_failed',
  outbound_timed_out: 'request_timed_out',
  outbound_connection_lost: 'connection_failed',
  outbound_answer_invalid: 'connection_failed',
  outbound_answer_too_large: 'reply_too_large',
};

function isTransient({ code, httpStatus }: FlowFault): boolean {
  return code === 'connection_failed' || (httpStatus !== null && httpStatus >= 500);
}

async function replyOf(result: Attempt, accountId: AccountId, vault: SubjectVault): Promise<FlowReply> {
  return 'fault' in result ? failedReply(result.fault) : flowReplyOf(result.body.toString('utf8'), accountId, vault);
}
