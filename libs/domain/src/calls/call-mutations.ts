import { accept, type Decision, refuse } from '@ringfence/kernel/decider';
import type { CallId, LegId } from '@ringfence/kernel/ids';
import { durationMs } from '@ringfence/kernel/units';
import type { Refusal } from '../refusals.js';
import type { MuteLeg, PlayMedia, RecordPlaybackEnd, SendDigits } from './call.commands.js';
import type { CallEvent } from './call.events.js';
import { type CallsView, knownCall, liveCall } from './calls-view.js';
import type { LiveCall } from './live-call.js';

/** Mutations of a live call: each is an order to the carrier, and leaves the flow of the call as it is. */
export function muteLeg(command: MuteLeg, view: CallsView): Decision<CallEvent, Refusal> {
  const { muted, nowMs } = command;
  return onAnsweredLeg(command, view, (of) => [{ type: 'CallMuteRequested', ...of, muted, requestedAtMs: nowMs }]);
}

export function sendDigits(command: SendDigits, view: CallsView): Decision<CallEvent, Refusal> {
  const { operationId, digitCount, toneMs, nowMs } = command;
  return onAnsweredLeg(command, view, (of) => [
    { type: 'CallDigitsRequested', ...of, operationId, digitCount, toneMs, requestedAtMs: nowMs },
  ]);
}

/** A call has one playback at a time: the next one ends it. */
export function playMedia(command: PlayMedia, view: CallsView): Decision<CallEvent, Refusal> {
  const { operationId, mediaUrl, timesPlayed, onDigit, nowMs } = command;
  return onAnsweredLeg(command, view, (of, { attemptId, playback }) => {
    const playing = { operationId, mediaUrl, timesPlayed, onDigit, requestedAtMs: nowMs };
    const requested = { type: 'CallPlaybackRequested', ...of, attemptId, ...playing } as const;
    if (playback === null) return [requested];
    const replaced = { ...playback, outcome: 'stopped', audioMs: durationMs(0), endedAtMs: nowMs } as const;
    return [{ type: 'CallPlaybackEnded', ...of, ...replaced }, requested];
  });
}

export function recordPlaybackEnd(command: RecordPlaybackEnd, view: CallsView): Decision<CallEvent, Refusal> {
  const known = knownCall(command, view);
  if ('code' in known) return refuse(known);
  const { callId, authority, playback } = known.call;
  const { operationId, outcome, audioMs, nowMs } = command;
  if (playback?.operationId !== operationId)
    return refuse({ code: 'progress_already_recorded', detail: 'The call has no such playback, or it is over.' });
  const ended = { callId, keyId: authority.keyId, ...playback, outcome, audioMs, endedAtMs: nowMs };
  return accept<CallEvent>({ type: 'CallPlaybackEnded', ...ended });
}

type OfLeg = Pick<LiveCall, 'callId' | 'legId'> & Pick<LiveCall['authority'], 'keyId'>;
type OnLeg = { readonly callId: CallId; readonly legId: LegId | null };

function onAnsweredLeg(
  command: OnLeg,
  view: CallsView,
  eventsOf: (of: OfLeg, call: LiveCall) => readonly [CallEvent, ...CallEvent[]],
): Decision<CallEvent, Refusal> {
  const live = liveCall(command, view);
  if ('code' in live) return refuse(live);
  const { callId, legId, authority, progress } = live;
  if (progress.phase !== 'answered')
    return refuse({ code: 'call_not_controllable', detail: `Call ${callId} has not been answered yet.` });
  return accept(...eventsOf({ callId, legId, keyId: authority.keyId }, live));
}
