import type { CallFlowFailed } from '@ringfence/domain/calls/call-flow.events';
import { type BegunCall, begunCall } from '@ringfence/domain/calls/begun-call';
import type { CallEvent } from '@ringfence/domain/calls/call.events';
import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import { expectationOf } from '../flows/teler-reply.js';

/** The numbers of a call in clear; those that were erased are null, and named. */
export type OpenedNumbers = {
  readonly values: { readonly from: string | null; readonly to: string | null };
  readonly erased: readonly ('from' | 'to')[];
};

/** Names of a call's events for clients: Teler's where it has one. Refused calls are no calls, and have no events. */
const names = {
  CallPlaced: 'call.initiated',
  CallReceived: 'call.initiated',
  CallRinging: 'call.ringing',
  CallAnswered: 'call.answered',
  CallExtended: 'call.extended',
  CallFlowRequested: 'call.flow_requested',
  CallFlowReplied: 'call.flow_replied',
  CallActionStarted: 'call.action_started',
  CallActionEnded: 'call.action_ended',
  CallFlowFailed: 'call.flow_failed',
  CallMuteRequested: 'call.mute_requested',
  CallDigitsRequested: 'call.dtmf_requested',
  CallPlaybackRequested: 'call.playback_requested',
  CallPlaybackEnded: 'call.playback_ended',
  CallHangUpRequested: 'call.hangup_requested',
  CallCompleted: 'call.completed',
  CallFailed: 'call.failed',
  InboundCallSimulated: 'ignore',
  CallRefused: 'ignore',
  CallRefusalsCounted: 'ignore',
} as const satisfies Readonly<Record<CallEvent['type'], `call.${string}` | 'ignore'>>;

type StreamedType = {
  [Type in CallEvent['type']]: (typeof names)[Type] extends 'ignore' ? never : Type;
}[CallEvent['type']];
/** An event in the life of one call. */
type CallLifeEvent = Extract<CallEvent, { readonly type: StreamedType }>;
export type CallLifeEnvelope = RecordedEnvelope<CallLifeEvent>;
type CallEventName = (typeof names)[StreamedType];

export const callEventNames: readonly CallEventName[] = [
  ...new Set(Object.values(names).filter((name) => name !== 'ignore')),
];
const lifeTypes: ReadonlySet<string> = new Set(
  Object.entries(names).flatMap(([type, name]) => (name === 'ignore' ? [] : [type])),
);

export function isOfCallLife(type: string): boolean {
  return lifeTypes.has(type);
}

export function isCallLife(envelope: RecordedEnvelope): envelope is CallLifeEnvelope {
  return isOfCallLife(envelope.data.type);
}

export function endsCall({ type }: CallLifeEvent): boolean {
  return type === 'CallCompleted' || type === 'CallFailed';
}

export function callEventName({ type }: CallLifeEvent): CallEventName {
  return names[type];
}

/** An event of a call in the form of Teler's webhooks of version 2026-06-01, with account and time beside it. */
export function callEventBody(envelope: CallLifeEnvelope, numbers: OpenedNumbers): object {
  const { id, stream, decidedAtMs, data } = envelope;
  return {
    id,
    type: names[data.type],
    api_version: '2026-06-01',
    account_id: stream,
    call_id: data.callId,
    occurred_at: new Date(decidedAtMs).toISOString(),
    data: callEventData(data, numbers),
  };
}

/** The fields of an event that belong to its type. */
export function callEventData(event: CallLifeEvent, numbers: OpenedNumbers): object {
  return { leg_id: event.legId, key_id: event.keyId, ...fieldsOf(event, numbers) };
}

function fieldsOf(event: CallLifeEvent, numbers: OpenedNumbers): object {
  switch (event.type) {
    case 'CallPlaced':
    case 'CallReceived':
      return begunFields(begunCall(event), numbers);
    case 'CallRinging':
      return { state: 'ringing' };
    case 'CallAnswered':
      return { state: 'answered' };
    case 'CallExtended':
      return { authorised_for_ms: event.authorisedForMs, reserved_micros: String(event.reservedMicros) };
    case 'CallFlowRequested':
      return { step: event.step, role: event.role, cause: event.cause };
    case 'CallFlowReplied':
      return { step: event.step, action: event.action.kind, then: event.rest.map(({ kind }) => kind) };
    case 'CallActionStarted':
      return { step: event.step, action: event.action.kind };
    case 'CallActionEnded':
      return { step: event.step, outcome: event.outcome, audio_ms: event.audioMs };
    case 'CallFlowFailed':
      return flowFaultFields(event);
    case 'CallMuteRequested':
      return { on: event.muted };
    case 'CallDigitsRequested':
      return { digit_count: event.digitCount, duration_ms: event.toneMs };
    case 'CallPlaybackRequested':
      return { playback_id: event.operationId, loop: event.timesPlayed, on_dtmf: event.onDigit };
    case 'CallPlaybackEnded':
      return { playback_id: event.operationId, outcome: event.outcome, audio_ms: event.audioMs };
    case 'CallHangUpRequested':
      return { reason: event.reason };
    case 'CallCompleted': {
      const { cause, endedBy, talkTimeMs, billedMs, chargedMicros } = event;
      const cost = { talk_time_ms: talkTimeMs, billed_ms: billedMs, charged_micros: String(chargedMicros) };
      return { state: 'completed', reason: cause, ended_by: endedBy, ...cost };
    }
    case 'CallFailed':
      return { state: 'failed', reason: event.cause };
  }
}

/** The fault of a flow and its place; `expected` continues the name of that member. */
function flowFaultFields({ step, fault }: CallFlowFailed): object {
  const { code, action, pointer, httpStatus } = fault;
  return { step, code, action, pointer, expected: expectationOf(fault), http_status: httpStatus };
}

function begunFields(event: BegunCall, { values, erased }: OpenedNumbers): object {
  return {
    state: 'initiated',
    direction: event.direction,
    from_number: values.from,
    to_number: values.to,
    erased: erased.map((name) => `${name}_number`),
    mode: event.mode,
    project: event.project,
    application: event.application,
    authorised_for_ms: event.authorisedForMs,
    reserved_micros: String(event.reservedMicros),
  };
}
