import type { CallId, VoiceAppId } from '@ringfence/kernel/ids';
import { addMicros, zeroMicros } from '@ringfence/kernel/units';
import { Map as ImmutableMap, Set as ImmutableSet } from 'immutable';
import type { BegunCall } from '../../calls/begun-call.js';
import type {
  CallAnswered,
  CallCompleted,
  CallExtended,
  CallFailed,
  CallHangUpRequested,
  CallPlaybackEnded,
  CallPlaybackRequested,
  CallRefusalsCounted,
  CallRefused,
  CallRinging,
} from '../../calls/call.events.js';
import type { CallFlowEvent } from '../../calls/call-flow.events.js';
import { flowAfter } from '../../calls/call-flow.js';
import { dueOfCall, waitsSince } from '../../calls/call-timers.js';
import type { LiveCall } from '../../calls/live-call.js';
import type { CallRefusalKey, RefusedCallSums } from '../../calls/refused-calls.js';
import { spendDayOf } from '../../limits/account-days.js';
import { flushed, withFirstRefusal, restoredSums, sumDueMs } from '../../rejections/refusal-aggregation.js';
import { remembered, type Generations } from '../../shared/generations.js';
import type { AccountState } from './account-state.js';
import type { Stored } from './slice.js';
import { namesIn, type TimerKind } from './timer.js';

export type CallsShare = {
  readonly calls: ImmutableMap<CallId, LiveCall>;
  /** Live calls by the app under which they run; derived from the calls. */
  readonly appCalls: ImmutableMap<VoiceAppId, number>;
  /** Recently ended calls, to distinguish a late signal from one for an unknown call. */
  readonly ended: Generations<CallId>;
  /** Recently refused calls. */
  readonly refusals: RefusedCallSums;
};

export const initial: CallsShare = {
  calls: ImmutableMap(),
  appCalls: ImmutableMap(),
  ended: { young: ImmutableSet(), old: ImmutableSet() },
  refusals: ImmutableMap(),
};

export function callBegan(before: AccountState, event: BegunCall): Partial<CallsShare> {
  const { callId, legId, attemptId, accountId, keyId, mode, project, application, voiceAppId, from, to, flowUrl } =
    event;
  const { rate, reservedMicros, authorisedForMs, ringTimeoutMs, placedAtMs, localDay, zoneData } = event;
  const key = before.keys.get(keyId)?.key;
  const call: LiveCall = {
    callId,
    legId,
    attemptId,
    accountId,
    authority: { keyId, keyVersion: key?.keyVersion ?? 0, policyHash: key?.policyHash ?? '' },
    mode,
    direction: event.direction,
    project,
    application,
    voiceAppId,
    rate,
    reservedMicros,
    authorisedForMs,
    ringTimeoutMs,
    placedAtMs,
    day: { localDay, zoneData },
    spendDay: spendDayOf(before.days, localDay),
    reservedOnDayMicros: reservedMicros,
    accountSpendMicrosMax: before.modes[mode].limits.dailySpendMicrosMax,
    progress: { phase: 'initiated' },
    flow: { from, to, url: flowUrl, state: { phase: 'waiting' }, requestedAtMs: null },
    playback: null,
    hangUp: null,
    retryAtMs: null,
  };
  return { calls: before.calls.set(callId, call), appCalls: withAppCall(before.appCalls, voiceAppId, 1) };
}

export function callRinging({ calls }: CallsShare, { callId }: CallRinging): Partial<CallsShare> {
  return withCall(calls, callId, { progress: { phase: 'ringing' } });
}

export function callAnswered({ calls }: CallsShare, { callId, answeredAtMs }: CallAnswered): Partial<CallsShare> {
  return withCall(calls, callId, { progress: { phase: 'answered', answeredAtMs } });
}

export function callExtended(
  { calls, days }: Pick<AccountState, 'calls' | 'days'>,
  { callId, authorisedForMs, reservedMicros, addedMicros, localDay, zoneData }: CallExtended,
): Partial<CallsShare> {
  const call = calls.get(callId);
  const spendDay = spendDayOf(days, localDay);
  const reservedBefore = call?.spendDay === spendDay ? call.reservedOnDayMicros : zeroMicros;
  return withCall(calls, callId, {
    authorisedForMs,
    reservedMicros,
    day: { localDay, zoneData },
    spendDay,
    reservedOnDayMicros: addMicros(reservedBefore, addedMicros),
    retryAtMs: null,
  });
}

export function callHangUpRequested({ calls }: CallsShare, event: CallHangUpRequested): Partial<CallsShare> {
  const { callId, reason, requestedAtMs } = event;
  const call = calls.get(callId);
  if (call === undefined) return {};
  return withCall(calls, callId, { hangUp: { reason, requestedAtMs }, flow: flowAfter(call.flow, event) });
}

export function callFlowChanged({ calls }: CallsShare, event: CallFlowEvent): Partial<CallsShare> {
  const call = calls.get(event.callId);
  return call === undefined ? {} : withCall(calls, event.callId, { flow: flowAfter(call.flow, event) });
}

export function callPlaybackRequested(
  { calls }: CallsShare,
  { callId, legId, operationId }: CallPlaybackRequested,
): Partial<CallsShare> {
  return withCall(calls, callId, { playback: { legId, operationId } });
}

export function callPlaybackEnded({ calls }: CallsShare, { callId }: CallPlaybackEnded): Partial<CallsShare> {
  return withCall(calls, callId, { playback: null });
}

export function callEnded(before: CallsShare, { callId }: CallCompleted | CallFailed): Partial<CallsShare> {
  const call = before.calls.get(callId);
  if (call === undefined) return {};
  return {
    calls: before.calls.delete(callId),
    appCalls: withAppCall(before.appCalls, call.voiceAppId, -1),
    ended: remembered(before.ended, callId),
  };
}

export function callRefused({ refusals }: CallsShare, event: CallRefused): Partial<CallsShare> {
  return { refusals: withFirstRefusal(refusals, aggregatedAs(event), event.refusedAtMs) };
}

export function callRefusalsCounted({ refusals }: CallsShare, event: CallRefusalsCounted): Partial<CallsShare> {
  return { refusals: flushed(refusals, aggregatedAs(event), event.secondStartMs) };
}

export const callTimer: TimerKind<'call'> = {
  *all({ calls }) {
    for (const callId of calls.keys()) yield { kind: 'call', callId };
  },
  dueMs({ calls }, { callId }) {
    const call = calls.get(callId);
    return call === undefined ? null : dueOfCall(call);
  },
  waitsSince({ calls }, { callId }) {
    const call = calls.get(callId);
    return call === undefined ? null : waitsSince(call);
  },
};

/** End of a second in which refused calls were counted. */
export const refusalsTimer: TimerKind<'refusals'> = {
  all: ({ refusals }) => namesIn(refusals, 'refusals'),
  dueMs: ({ refusals }, { name }) => sumDueMs(refusals.get(name)),
};

export function restored(stored: Stored): CallsShare {
  return {
    calls: ImmutableMap(stored.calls.map((call) => [call.callId, call])),
    appCalls: stored.calls.reduce((counts, { voiceAppId }) => withAppCall(counts, voiceAppId, 1), initial.appCalls),
    ended: { young: ImmutableSet(stored.young), old: ImmutableSet(stored.old) },
    refusals: restoredSums(stored.refusals),
  };
}

function aggregatedAs(event: CallRefused | CallRefusalsCounted): CallRefusalKey {
  const { presentedKeyId: keyId, mode, code, localDay, zoneData } = event;
  return { keyId, mode, code, localDay, zoneData };
}

function withAppCall(
  appCalls: CallsShare['appCalls'],
  appId: VoiceAppId | null,
  change: 1 | -1,
): CallsShare['appCalls'] {
  if (appId === null) return appCalls;
  const count = (appCalls.get(appId) ?? 0) + change;
  return count === 0 ? appCalls.delete(appId) : appCalls.set(appId, count);
}

function withCall(calls: CallsShare['calls'], callId: CallId, change: Partial<LiveCall>): Partial<CallsShare> {
  const call = calls.get(callId);
  return call === undefined ? {} : { calls: calls.set(callId, { ...call, ...change }) };
}
