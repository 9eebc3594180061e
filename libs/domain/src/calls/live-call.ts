import type { CallId, LegId } from '@ringfence/kernel/ids';
import type { DurationMs, EpochMs, LocalDay, Micros } from '@ringfence/kernel/units';
import type { RateQuote } from '../billing/rating/rate-quote.js';
import type { RecordedDay } from '../shared/calendar.js';
import type { AttemptId, Authority, Mode } from '../shared/values.js';
import type { HangUpReason } from './call.events.js';

export type CallProgress =
  | { readonly phase: 'initiated' }
  | { readonly phase: 'ringing' }
  | { readonly phase: 'answered'; readonly answeredAtMs: EpochMs };

/** A call that is not over. */
export type LiveCall = {
  readonly callId: CallId;
  readonly legId: LegId;
  readonly attemptId: AttemptId;
  readonly authority: Authority;
  readonly mode: Mode;
  readonly project: string;
  readonly application: string;
  readonly rate: RateQuote;
  readonly reservedMicros: Micros;
  readonly authorisedForMs: DurationMs;
  readonly ringTimeoutMs: DurationMs;
  readonly placedAtMs: EpochMs;
  /** The day of its last reservation. */
  readonly day: RecordedDay;
  /** The day whose allowance that counts against, and what of `reservedMicros` was reserved against it. */
  readonly spendDay: LocalDay;
  readonly reservedOnDayMicros: Micros;
  /** The account's limit of daily spend when it was placed; null: none. A lower one that is set later does not cut it. */
  readonly accountSpendMicrosMax: Micros | null;
  readonly progress: CallProgress;
  readonly hangUp: { readonly reason: HangUpReason; readonly requestedAtMs: EpochMs } | null;
  /** An extension could not be paid for and is tried again then; null: none was missed. */
  readonly retryAtMs: EpochMs | null;
};
