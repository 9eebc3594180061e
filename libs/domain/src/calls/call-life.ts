import { durationMs, type DurationMs, type EpochMs, subtractMicros } from '@ringfence/kernel/units';
import { priceOf, billedMs } from '../billing/rating/rating.js';
import type { LiveCall } from './live-call.js';
import type { CallSignal } from './call.commands.js';
import type {
  CallCompleted,
  CallEvent,
  CallFailed,
  CallHangUpRequested,
  EndCause,
  ReportedCause,
} from './call.events.js';

/**
 * The life cycle of a call: the meaning of each signal in each phase. A signal that adds nothing new yields no event;
 * `ended` ends the call in every phase. So a call has exactly one end and one settlement, in whatever order signals
 * arrive.
 */
export function onSignal(call: LiveCall, signal: CallSignal, nowMs: EpochMs): readonly CallEvent[] {
  const of = { callId: call.callId, legId: call.legId, keyId: call.authority.keyId, attemptId: call.attemptId };
  switch (signal.kind) {
    case 'ringing':
      return call.progress.phase === 'initiated' ? [{ type: 'CallRinging', ...of, ringingAtMs: nowMs }] : [];
    case 'answered':
      return call.progress.phase === 'answered' ? [] : [{ type: 'CallAnswered', ...of, answeredAtMs: nowMs }];
    case 'ended':
      // A call with talk time was answered, even without the signal `answered`, which was lost or is late.
      return call.progress.phase === 'answered' || signal.talkTimeMs > 0
        ? [completed(call, signal.cause, signal.endedBy, signal.talkTimeMs, nowMs)]
        : [failed(call, signal.cause, nowMs)];
  }
}

export function hangUpRequested(
  call: LiveCall,
  reason: CallHangUpRequested['reason'],
  nowMs: EpochMs,
): CallHangUpRequested {
  const { callId, legId } = call;
  return { type: 'CallHangUpRequested', callId, legId, keyId: call.authority.keyId, reason, requestedAtMs: nowMs };
}

/** The end of an answered call. Talk time is charged up to the authorised time, never beyond the reservation. */
export function completed(
  call: LiveCall,
  cause: ReportedCause,
  endedBy: CallCompleted['endedBy'],
  reportedMs: DurationMs,
  nowMs: EpochMs,
): CallCompleted {
  const talkTimeMs = durationMs(Math.min(reportedMs, call.authorisedForMs));
  const chargedMicros = priceOf(call.rate, talkTimeMs);
  return {
    type: 'CallCompleted',
    ...identity(call),
    cause: actualCause(call, cause),
    endedBy,
    talkTimeMs,
    billedMs: billedMs(call.rate, talkTimeMs),
    chargedMicros,
    releasedMicros: subtractMicros(call.reservedMicros, chargedMicros),
    endedAtMs: nowMs,
  };
}

/** The end of a call that was never answered: everything reserved is released. */
export function failed(call: LiveCall, cause: ReportedCause, nowMs: EpochMs): CallFailed {
  return {
    type: 'CallFailed',
    ...identity(call),
    cause: actualCause(call, cause),
    releasedMicros: call.reservedMicros,
    endedAtMs: nowMs,
  };
}

function identity(call: LiveCall) {
  const { callId, legId, mode, project, application } = call;
  return { callId, legId, keyId: call.authority.keyId, mode, project, application, ...call.day };
}

/** The cause as the platform knows it; a worker that hung up on request does not know the reason. */
function actualCause(call: LiveCall, reported: ReportedCause): EndCause {
  if (reported !== 'cancelled' && reported !== 'caller_hangup') return reported;
  switch (call.hangUp?.reason) {
    case 'key_revoked':
      return 'key_revoked';
    case 'account_suspended':
      return 'account_suspended';
    case 'flow_hangup':
      return 'flow_hangup';
    case 'flow_failed':
      return 'flow_failed';
    case 'ring_timeout':
      return 'no_answer';
    case 'maximum_duration':
      return 'authorised_time_ended';
    case 'requested':
    case undefined:
      return reported;
  }
}
