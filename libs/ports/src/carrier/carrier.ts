import type { CallSignal } from '@ringfence/domain/calls/call.commands';
import type { AttemptId } from '@ringfence/domain/shared/values';
import type { AccountId, CallId, LegId } from '@ringfence/kernel/ids';
import type { DurationMs } from '@ringfence/kernel/units';

/** An order to dial. Only here, behind the HTTP edge, are numbers in clear, because a carrier has to dial them. */
export type DialOrder = {
  /** The id of the event that ordered the dial; the worker ignores an id that it has seen. */
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

/** Reason why the platform ends a call. */
export type HangUpCause = 'caller_hangup' | 'key_revoked' | 'account_suspended' | 'cancelled' | 'no_answer';

/**
 * Carries calls: a worker in this process, or one behind a socket. A promise settles when the worker has accepted the
 * order; progress of the call is reported by signals, with at most one `ended` per attempt and nothing after it. Orders
 * are idempotent.
 *
 * Every method rejects with Failure `carrier_unavailable` (retryable: whether the worker has the order is unknown). An
 * adapter need not bound the time of an answer: its caller does.
 */
export interface Carrier {
  readonly workerId: string;
  /** Dials; a second order with the same attempt id does nothing, also after the attempt has ended. */
  place(order: DialOrder): Promise<void>;
  /** Ends the call, ringing or answered; does nothing if it has ended or is unknown. */
  hangUp(callId: CallId, cause: HangUpCause): Promise<void>;
  /** Sets the total of talk time; never shortens it. */
  extend(callId: CallId, authorisedForMs: DurationMs): Promise<void>;
  /** Returns those of these attempts that are alive at this worker. */
  knows(attemptIds: readonly AttemptId[]): Promise<ReadonlySet<AttemptId>>;
  /** Registers the only listener. Its promise is not awaited, so it must not reject. */
  onSignal(listener: (signal: CarrierSignal) => void): void;
  close(): Promise<void>;
}
