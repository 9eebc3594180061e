import { acceptAll, refuse, type Decision } from '@ringfence/kernel/decider';
import type { EpochMs } from '@ringfence/kernel/units';
import { faultOf } from '../flows/flow-fault.js';
import { decideFlow, evolveFlow, type FlowFact, type FlowInput } from '../flows/flow-machine.js';
import type { Refusal } from '../refusals.js';
import type { SealedText } from '../shared/values.js';
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
  { voiceApps }: Pick<CallsView, 'voiceApps'>,
  nowMs: EpochMs,
): readonly CallEvent[] {
  const { url: flowUrl } = call.flow;
  if (flowUrl === null) return [];
  const app = call.voiceAppId === null ? undefined : voiceApps.get(call.voiceAppId);
  const urls = { flowUrl, fallbackUrl: app?.settings.fallbackUrl ?? null };
  return decideFlow(call.flow.state, input, urls).map((fact) => eventOf(call, fact, nowMs));
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

/** A second leg needs money and a line of its own, which no release before dialling can give it. */
function inputOf(step: number, reply: FlowReply): FlowInput<SealedText> {
  if (reply.kind === 'failed') return { kind: 'request_failed', step, fault: reply.fault };
  if (reply.action.kind !== 'dial') return { kind: 'replied', step, action: reply.action };
  const fault = faultOf('action_not_available', { action: 'dial', pointer: '/action' });
  return { kind: 'request_failed', step, fault };
}

function recorded(events: readonly CallEvent[]): Decision<CallEvent, Refusal> {
  if (events.length > 0) return acceptAll(events);
  return refuse({ code: 'progress_already_recorded', detail: 'The flow of the call has come further already.' });
}

function eventOf(call: LiveCall, fact: FlowFact<SealedText>, nowMs: EpochMs): CallEvent {
  const { callId, legId, attemptId, authority, mode, flow } = call;
  const of = { callId, legId, keyId: authority.keyId };
  switch (fact.type) {
    case 'CallFlowRequested': {
      const { from, to } = flow;
      const request = { accountId: call.accountId, mode, from, to, appId: call.voiceAppId };
      return { ...fact, ...of, ...request, requestedAtMs: nowMs };
    }
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
