import type { CallSignal } from '@ringfence/domain/calls/call.commands';
import type { AttemptId } from '@ringfence/domain/shared/values';
import type { AccountId, CallId, LegId } from '@ringfence/kernel/ids';
import type { DurationMs } from '@ringfence/kernel/units';

/** An order to dial. The numbers are clear here and nowhere else behind the HTTP edge: a carrier has to dial them. */
export type DialOrder = {
  /** The id of the event that ordered it: the worker does nothing for an id it has seen. */
  readonly attemptId: AttemptId;
  readonly accountId: AccountId;
  readonly callId: CallId;
  readonly legId: LegId;
  readonly from: string;
  readonly to: string;
  readonly trunk: string;
  readonly ringTimeoutMs: DurationMs;
  /** Talk time after which the worker ends the call by itself. */
  readonly authorisedForMs: DurationMs;
};

export type CarrierSignal = {
  readonly attemptId: AttemptId;
  readonly accountId: AccountId;
  readonly callId: CallId;
  readonly signal: CallSignal;
};

/**
 * What can carry calls. Orders are idempotent and answered at once; what becomes of them comes back as signals, at most one
 * `ended` for each attempt and nothing after it.
 */
export interface Carrier {
  readonly workerId: string;
  /** Dials; a second order with the same attempt id does nothing. */
  place(order: DialOrder): void;
  /** Ends the call, ringing or answered; nothing happens when it is over or unknown. */
  hangUp(
    callId: CallId,
    cause: 'caller_hangup' | 'key_revoked' | 'account_suspended' | 'cancelled' | 'no_answer',
  ): void;
  /** The new total of talk time; never shortens. */
  extend(callId: CallId, authorisedForMs: DurationMs): void;
  /** Whether this worker has that attempt alive. */
  knows(attemptId: AttemptId): boolean;
  /** One listener; its promise is awaited nowhere: it must not reject. */
  onSignal(listener: (signal: CarrierSignal) => void): void;
  close(): Promise<void>;
}
