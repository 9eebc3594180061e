import type { AccountId, CallId, LegId, OperationId, VoiceAppId } from '@ringfence/kernel/ids';
import {
  durationMs,
  minMicros,
  type DurationMs,
  type EpochMs,
  type LocalDay,
  type Micros,
} from '@ringfence/kernel/units';
import type { CallDirection } from './call-direction.js';
import type { RateQuote } from '../billing/rating/rate-quote.js';
import type { Release } from '../limits/usage.js';
import type { RecordedDay } from '../shared/calendar.js';
import type { FlowState } from '../flows/flow-machine.js';
import type { AttemptId, Authority, Mode, SealedText } from '../shared/values.js';
import type { CallCompleted, CallFailed, HangUpReason } from './call.events.js';

type CallProgress =
  | { readonly phase: 'initiated' }
  | { readonly phase: 'ringing' }
  | { readonly phase: 'answered'; readonly answeredAtMs: EpochMs };

/** The flow of a call, and the values that its requests need. */
type CallFlow = {
  readonly from: SealedText;
  readonly to: SealedText;
  /** null: the call runs no flow. */
  readonly url: SealedText | null;
  readonly state: FlowState<SealedText>;
  /** The moment of the request that waits for its reply; null: none does. */
  readonly requestedAtMs: EpochMs | null;
};

/** A call that has not ended. */
export type LiveCall = {
  readonly callId: CallId;
  readonly legId: LegId;
  readonly attemptId: AttemptId;
  readonly accountId: AccountId;
  readonly authority: Authority;
  readonly mode: Mode;
  readonly direction: CallDirection;
  readonly project: string;
  readonly application: string;
  /** The app under which it runs; null: none. */
  readonly voiceAppId: VoiceAppId | null;
  readonly rate: RateQuote;
  readonly reservedMicros: Micros;
  readonly authorisedForMs: DurationMs;
  readonly ringTimeoutMs: DurationMs;
  readonly placedAtMs: EpochMs;
  /** The day of the call's last reservation. */
  readonly day: RecordedDay;
  /** The day whose allowance `day` shares, and the part of `reservedMicros` that was reserved against it. */
  readonly spendDay: LocalDay;
  readonly reservedOnDayMicros: Micros;
  /**
   * The account's daily spend limit when the call was placed; null: none. A lower limit set later does not cut the
   * call.
   */
  readonly accountSpendMicrosMax: Micros | null;
  readonly progress: CallProgress;
  readonly flow: CallFlow;
  /** The playback to a leg, over its flow; null: there is none. */
  readonly playback: { readonly legId: LegId; readonly operationId: OperationId } | null;
  readonly hangUp: { readonly reason: HangUpReason; readonly requestedAtMs: EpochMs } | null;
  /** Moment at which an unaffordable extension is retried; null: there was none. */
  readonly retryAtMs: EpochMs | null;
};

/** Returns the part of the reservation that is released at the end of a call. */
export function releaseOf(call: LiveCall, event: CallCompleted | CallFailed): Release {
  const talkedMs = event.type === 'CallCompleted' ? event.talkTimeMs : 0;
  return {
    day: call.spendDay,
    onDayMicros: minMicros(event.releasedMicros, call.reservedOnDayMicros),
    amountMicros: event.releasedMicros,
    talkMs: durationMs(Math.max(0, call.authorisedForMs - talkedMs)),
  };
}
