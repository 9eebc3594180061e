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
  const lost = leaseEnd(call, call.progress.answeredAtMs);
  if (!extensible(call)) return lost;
  const due = extensionDue(call, call.progress.answeredAtMs);
  return earlierOf(lost, call.retryAtMs === null ? due : laterOf(due, call.retryAtMs));
}

/** Returns the beginning of the wait that the call's next timer ends. */
export function waitsSince(call: LiveCall): EpochMs {
  if (call.hangUp !== null) return call.hangUp.requestedAtMs;
  return call.progress.phase === 'answered' ? call.progress.answeredAtMs : call.placedAtMs;
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

/** Returns the moment by which the worker must have reported the end of the authorised time. */
export function leaseEnd(call: LiveCall, answeredAtMs: EpochMs): EpochMs {
  return addDuration(answeredAtMs, durationMs(call.authorisedForMs + workerLeaseMs));
}

function earlierOf(left: EpochMs, right: EpochMs): EpochMs {
  return left < right ? left : right;
}
