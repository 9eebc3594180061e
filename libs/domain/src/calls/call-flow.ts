import { acceptAll, refuse, type Decision } from '@ringfence/kernel/decider';
import type { EpochMs } from '@ringfence/kernel/units';
import { flowActionsMax, type FlowProgram, flowProgramCharactersMax } from '../flows/flow-action.js';
import { type FlowFault, faultOf } from '../flows/flow-fault.js';
import { decideFlow, evolveFlow, type FlowFact, type FlowInput, type FlowSources } from '../flows/flow-machine.js';
import type { Refusal } from '../refusals.js';
import type { SealedSecret, SealedText } from '../shared/values.js';
import { signingValues } from '../webhooks/webhook-secret.js';
import type { FlowReply, RecordActionEnd, RecordFlowReply } from './call.commands.js';
import type { CallEvent, CallHangUpRequested } from './call.events.js';
import type { CallFlowEvent } from './call-flow.events.js';
import { hangUpRequested } from './call-life.js';
import { type CallsView, knownCall } from './calls-view.js';
import type { LiveCall } from './live-call.js';

/**
 * Events that an input leads to in the flow of a call; none without a flow. The fallback URL is the one that the call's
 * app has by now.
 */
export function flowEvents(
  call: LiveCall,
  input: FlowInput<SealedText>,
  { voiceApps, webhookSecrets }: Pick<CallsView, 'voiceApps' | 'webhookSecrets'>,
  nowMs: EpochMs,
): readonly CallEvent[] {
  const { url: flowUrl } = call.flow;
  if (flowUrl === null) return [];
  const app = call.voiceAppId === null ? undefined : voiceApps.get(call.voiceAppId);
  const fallbackUrl = app?.settings.fallbackUrl ?? null;
  const sources: FlowSources<SealedText> = {
    flow: { kind: 'request', url: flowUrl, method: 'POST' },
    fallback: fallbackUrl === null ? null : { url: fallbackUrl, method: 'POST' },
  };
  const signer = { mode: call.mode, secretId: app?.settings.secretId ?? null };
  return decideFlow(call.flow.state, input, sources).map((fact) =>
    fact.type === 'CallFlowRequested'
      ? requestOf(call, fact, signingValues(webhookSecrets, signer, nowMs), nowMs)
      : eventOf(call, fact, nowMs),
  );
}

export function recordFlowReply(command: RecordFlowReply, view: CallsView): Decision<CallEvent, Refusal> {
  const known = knownCall(command, view);
  if ('code' in known) return refuse(known);
  return recorded(flowEvents(known.call, inputOf(command.step, command.reply), view, command.nowMs));
}

export function recordActionEnd(command: RecordActionEnd, view: CallsView): Decision<CallEvent, Refusal> {
  const known = knownCall(command, view);
  if ('code' in known) return refuse(known);
  const { step, outcome, audioMs, nowMs } = command;
  return recorded(flowEvents(known.call, { kind: 'action_ended', step, outcome, audioMs }, view, nowMs));
}

/** The flow of a call after an event of it. */
export function flowAfter(flow: LiveCall['flow'], event: CallFlowEvent | CallHangUpRequested): LiveCall['flow'] {
  const requestedAtMs = event.type === 'CallFlowRequested' ? event.requestedAtMs : null;
  const state = event.type === 'CallHangUpRequested' ? ({ phase: 'ended' } as const) : evolveFlow(flow.state, event);
  return { ...flow, state, requestedAtMs };
}

function inputOf(step: number, reply: FlowReply): FlowInput<SealedText> {
  if (reply.kind === 'failed') return { kind: 'request_failed', step, fault: reply.fault };
  const program: FlowProgram<SealedText> = [reply.action, ...reply.rest];
  const fault = faultIn(program);
  return fault === undefined ? { kind: 'replied', step, program } : { kind: 'request_failed', step, fault };
}

/** A second leg needs money and a line of its own, which no release before dialling can give it. */
function faultIn(program: FlowProgram<SealedText>): FlowFault | undefined {
  if (program.length > flowActionsMax || JSON.stringify(program).length > flowProgramCharactersMax)
    return faultOf('program_too_large');
  const dials = program.some(({ kind }) => kind === 'dial');
  return dials ? faultOf('action_not_available', { action: 'dial', pointer: '/action' }) : undefined;
}

function recorded(events: readonly CallEvent[]): Decision<CallEvent, Refusal> {
  if (events.length > 0) return acceptAll(events);
  return refuse({ code: 'progress_already_recorded', detail: 'The flow of the call has come further already.' });
}

type RequestFact = Extract<FlowFact<SealedText>, { readonly type: 'CallFlowRequested' }>;

function requestOf(
  { callId, legId, accountId, authority, mode, direction, flow: { from, to }, voiceAppId: appId }: LiveCall,
  fact: RequestFact,
  signedWith: readonly SealedSecret[],
  requestedAtMs: EpochMs,
): CallEvent {
  const of = { callId, legId, keyId: authority.keyId, accountId, mode, direction };
  return { ...fact, ...of, from, to, appId, signedWith, requestedAtMs };
}

function eventOf(call: LiveCall, fact: Exclude<FlowFact<SealedText>, RequestFact>, nowMs: EpochMs): CallEvent {
  const { callId, legId, attemptId, authority } = call;
  const of = { callId, legId, keyId: authority.keyId };
  switch (fact.type) {
    case 'CallFlowReplied':
      return { ...fact, ...of, attemptId, repliedAtMs: nowMs };
    case 'CallActionStarted':
      return { ...fact, ...of, attemptId, startedAtMs: nowMs };
    case 'CallActionEnded':
      return { ...fact, ...of, endedAtMs: nowMs };
    case 'CallFlowFailed':
      return { ...fact, ...of, failedAtMs: nowMs };
    case 'CallHangUpRequested':
      return hangUpRequested(call, fact.reason, nowMs);
  }
}
