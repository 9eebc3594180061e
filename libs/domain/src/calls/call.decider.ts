import { accept, acceptAll, refuse, type Decision } from '@ringfence/kernel/decider';
import type { CallId } from '@ringfence/kernel/ids';
import type { Refusal } from '../refusals.js';
import { remembers, type Generations } from '../shared/generations.js';
import type { HangUpCall, RecordCallProgress } from './call.commands.js';
import type { CallEvent } from './call.events.js';
import { hangUpRequested, onSignal } from './call-life.js';
import type { LiveCall } from './live-call.js';

/** The calls of an account: live, and recently ended. */
type CallsView = {
  readonly calls: { readonly get: (callId: CallId) => LiveCall | undefined };
  readonly ended: Generations<CallId>;
};

export function hangUp(command: HangUpCall, { calls, ended }: CallsView): Decision<CallEvent, Refusal> {
  const call = calls.get(command.callId);
  if (call === undefined) {
    return remembers(ended, command.callId)
      ? refuse({ code: 'call_not_live', detail: `Call ${command.callId} is over.` })
      : refuse(unknownCall(command.callId));
  }
  if (command.legId !== null && command.legId !== call.legId) {
    return refuse({ code: 'leg_not_found', detail: `Call ${command.callId} has no leg ${command.legId}.` });
  }
  if (call.hangUp !== null)
    return refuse({ code: 'call_not_live', detail: `Call ${command.callId} is being hung up.` });
  return accept<CallEvent>(hangUpRequested(call, 'requested', command.nowMs));
}

export function recordProgress(command: RecordCallProgress, { calls, ended }: CallsView): Decision<CallEvent, Refusal> {
  if (command.principal.kind !== 'worker')
    return refuse({ code: 'presenter_not_allowed', detail: 'Only a media worker reports progress.' });
  const call = calls.get(command.callId);
  if (call === undefined) {
    return remembers(ended, command.callId)
      ? refuse({ code: 'progress_already_recorded', detail: 'The call is over.' })
      : refuse(unknownCall(command.callId));
  }
  if (call.attemptId !== command.attemptId)
    return refuse({ code: 'attempt_mismatch', detail: 'The signal is of another attempt.' });
  const events = onSignal(call, command.signal, command.nowMs);
  if (events.length === 0)
    return refuse({ code: 'progress_already_recorded', detail: 'The call has come that far already.' });
  return acceptAll<CallEvent>(events);
}

export function unknownCall(callId: CallId): Refusal {
  return { code: 'call_unknown', detail: `There is no live call ${callId} in this account.` };
}
