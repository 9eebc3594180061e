import type { CallId, LegId, VoiceAppId } from '@ringfence/kernel/ids';
import type { VoiceApp } from '../apps/voice-app.js';
import type { Refusal } from '../refusals.js';
import { remembers, type Generations } from '../shared/generations.js';
import type { Principal } from '../shared/values.js';
import type { WebhookSecrets } from '../webhooks/webhook-secret.js';
import type { LiveCall } from './live-call.js';

/** The calls of an account: live, and recently ended. */
export type CallsView = {
  readonly calls: { readonly get: (callId: CallId) => LiveCall | undefined };
  readonly ended: Generations<CallId>;
  readonly voiceApps: { readonly get: (appId: VoiceAppId) => VoiceApp | undefined };
  readonly webhookSecrets: WebhookSecrets;
};

/** The live call that a worker reports of, or why nothing of it is recorded. */
export function knownCall(
  { callId, principal }: { readonly callId: CallId; readonly principal: Principal },
  { calls, ended }: CallsView,
): { readonly call: LiveCall } | Refusal {
  if (principal.kind !== 'worker')
    return { code: 'presenter_not_allowed', detail: 'Only a media worker reports progress.' };
  const call = calls.get(callId);
  if (call !== undefined) return { call };
  return remembers(ended, callId)
    ? { code: 'progress_already_recorded', detail: 'The call is over.' }
    : unknownCall(callId);
}

/** The live call that a client acts on, or why it cannot. */
export function liveCall(
  { callId, legId }: { readonly callId: CallId; readonly legId: LegId | null },
  { calls, ended }: Pick<CallsView, 'calls' | 'ended'>,
): LiveCall | Refusal {
  const call = calls.get(callId);
  if (call === undefined)
    return remembers(ended, callId)
      ? { code: 'call_not_live', detail: `Call ${callId} is over.` }
      : unknownCall(callId);
  if (legId !== null && legId !== call.legId)
    return { code: 'leg_not_found', detail: `Call ${callId} has no leg ${legId}.` };
  return call.hangUp === null ? call : { code: 'call_not_live', detail: `Call ${callId} is being hung up.` };
}

export function unknownCall(callId: CallId): Refusal {
  return { code: 'call_unknown', detail: `There is no live call ${callId} in this account.` };
}
