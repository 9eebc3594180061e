import { accept, acceptAll, refuse, type Decision } from '@ringfence/kernel/decider';
import type { Refusal } from '../refusals.js';
import type { HangUpCall, RecordCallProgress } from './call.commands.js';
import type { CallEvent } from './call.events.js';
import { hangUpRequested, onSignal } from './call-life.js';
import { flowEvents } from './call-flow.js';
import { type CallsView, knownCall, liveCall } from './calls-view.js';

export { receiveCall } from './receive-call.js';
export { recordActionEnd, recordFlowReply } from './call-flow.js';
export { muteLeg, playMedia, recordPlaybackEnd, sendDigits } from './call-mutations.js';

export function hangUp(command: HangUpCall, view: CallsView): Decision<CallEvent, Refusal> {
  const live = liveCall(command, view);
  return 'code' in live ? refuse(live) : accept<CallEvent>(hangUpRequested(live, 'requested', command.nowMs));
}

export function recordProgress(command: RecordCallProgress, view: CallsView): Decision<CallEvent, Refusal> {
  const known = knownCall(command, view);
  if ('code' in known) return refuse(known);
  const { call } = known;
  if (call.attemptId !== command.attemptId)
    return refuse({ code: 'attempt_mismatch', detail: 'The signal is of another attempt.' });
  const events = onSignal(call, command.signal, command.nowMs);
  if (events.length === 0)
    return refuse({ code: 'progress_already_recorded', detail: 'The call has come that far already.' });
  const begun = command.signal.kind === 'answered' ? flowEvents(call, { kind: 'answered' }, view, command.nowMs) : [];
  return acceptAll<CallEvent>([...events, ...begun]);
}
