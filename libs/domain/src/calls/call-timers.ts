import { replyMsMax } from '../flows/flow-machine.js';
import { elapsedFrom, type StampedTime } from '../shared/slow-stamps.js';
import { addDuration, durationMs, laterOf, type EpochMs } from '@ringfence/kernel/units';
import type { LiveCall } from './live-call.js';

/** Talk time that is authorised and reserved in advance, when a call is placed and at each extension. */
export const authorisationStepMs = durationMs(300_000);
/** Longest time that a call may be authorised for. */
export const callMsMax = durationMs(4 * 3_600_000);
/** Grace after the ring timeout: the worker ends a ringing call by itself; later the platform requests it. */
export const ringGraceMs = durationMs(5_000);
/** Lease of a worker: when its report is overdue by this much, it has lost the call, and the platform ends the call. */
export const workerLeaseMs = durationMs(30_000);
/** Time after which an extension that failed is retried. */
export const extensionRetryMs = durationMs(10_000);

/** The next moment at which time alone may act on a call. */
export function dueOfCall(call: LiveCall): EpochMs {
  if (call.hangUp !== null) return addDuration(call.hangUp.requestedAtMs, workerLeaseMs);
  if (call.progress.phase !== 'answered')
    return addDuration(call.placedAtMs, durationMs(call.ringTimeoutMs + ringGraceMs));
  const due = dueOfTalk(call, call.progress.answeredAtMs);
  return isReplyNext(call, due) ? addDuration(call.flow.requestedAtMs, replyMsMax) : due;
}

/** The next moment at which the end of authorised time may act on a call. */
function dueOfTalk(call: LiveCall, answeredAtMs: EpochMs): EpochMs {
  const lost = leaseEnd(call, answeredAtMs);
  if (!extensible(call)) return lost;
  const due = extensionDue(call, answeredAtMs);
  return earlierOf(lost, call.retryAtMs === null ? due : laterOf(due, call.retryAtMs));
}

type Requesting = LiveCall & { readonly flow: { readonly requestedAtMs: EpochMs } };
/** Says whether the reply to a request is due before `due`. */
function isReplyNext(call: LiveCall, due: EpochMs): call is Requesting {
  const { requestedAtMs } = call.flow;
  return requestedAtMs !== null && addDuration(requestedAtMs, replyMsMax) < due;
}

/** Returns the beginning of the wait that the call's next timer ends. */
export function waitsSince(call: LiveCall): EpochMs {
  if (call.hangUp !== null) return call.hangUp.requestedAtMs;
  if (call.progress.phase !== 'answered') return call.placedAtMs;
  const { answeredAtMs } = call.progress;
  return isReplyNext(call, dueOfTalk(call, answeredAtMs)) ? call.flow.requestedAtMs : answeredAtMs;
}

/** Says whether the call may be authorised for longer, if there is money for it. */
function extensible(call: LiveCall): boolean {
  return call.authorisedForMs < callMsMax;
}

/**
 * Returns the moment of the next extension: half of the authorised time has passed; once more than a step is
 * authorised, half a step before its end.
 */
function extensionDue(call: LiveCall, answeredAtMs: EpochMs): EpochMs {
  const leadMs = Math.min(authorisationStepMs, call.authorisedForMs) / 2;
  return addDuration(answeredAtMs, durationMs(call.authorisedForMs - Math.floor(leadMs)));
}

/** Says whether the reply to the call's request should have been recorded by now. */
export function isReplyOverdue({ flow: { requestedAtMs } }: LiveCall, time: StampedTime): boolean {
  return requestedAtMs !== null && elapsedFrom(requestedAtMs, time) >= addDuration(requestedAtMs, replyMsMax);
}

/** Returns the moment by which the worker must have reported the end of the authorised time. */
export function leaseEnd(call: LiveCall, answeredAtMs: EpochMs): EpochMs {
  return addDuration(answeredAtMs, durationMs(call.authorisedForMs + workerLeaseMs));
}

function earlierOf(left: EpochMs, right: EpochMs): EpochMs {
  return left < right ? left : right;
}
