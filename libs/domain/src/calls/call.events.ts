import type { AccountId, CallId, KeyId, LegId, NumberId, OperationId, VoiceAppId } from '@ringfence/kernel/ids';
import type { DurationMs, EpochMs, Micros } from '@ringfence/kernel/units';
import type { RateQuote } from '../billing/rating/rate-quote.js';
import type { AttemptId, Mode, SealedText } from '../shared/values.js';
import type { NumberKind } from '../limits/numbering-plan.js';
import type { RouteCandidate } from '../routing/routes.js';
import type { RecordedDay } from '../shared/calendar.js';
import type { CallFlowEvent } from './call-flow.events.js';
import type { CallRefusalCode } from './call-refusals.js';

/** The numbering data's view of the called number when the call was placed. */
export type CalledDestination = {
  /** ISO 3166-1 alpha-2; null: the number belongs to no territory. */
  readonly territory: string | null;
  readonly kind: NumberKind;
  /** Label with name and version of the data. */
  readonly plan: string;
  /** The prefix of the range that an operator had opened; null: the data knew the number. */
  readonly openedRange: string | null;
};

/** Causes of the end of a leg that a worker reports. */
export const reportedCauses = [
  'caller_hangup',
  'callee_hangup',
  'authorised_time_ended',
  'key_revoked',
  'account_suspended',
  'invalid_number',
  'unreachable',
  'busy',
  'no_answer',
  'carrier_failure',
  'carrier_unknown',
  'cancelled',
] as const;
export type ReportedCause = (typeof reportedCauses)[number];
/**
 * Causes of the end of a leg, and with it of the call. `flow_hangup`: its flow ended it, or was over; `flow_failed`:
 * its flow could not go on.
 */
export const endCauses = [...reportedCauses, 'flow_hangup', 'flow_failed'] as const;
export type EndCause = (typeof endCauses)[number];

/** Reasons for which the platform requests the end of a call. */
export const hangUpReasons = [
  'requested',
  'key_revoked',
  'account_suspended',
  'ring_timeout',
  'maximum_duration',
  'flow_hangup',
  'flow_failed',
] as const;
export type HangUpReason = (typeof hangUpReasons)[number];

/** The facts of a new call, whichever way it goes. */
type NewCall = RecordedDay & {
  readonly callId: CallId;
  readonly legId: LegId;
  /** Id of this event itself; the id by which the carrier knows the call. */
  readonly attemptId: AttemptId;
  readonly accountId: AccountId;
  readonly keyId: KeyId;
  readonly mode: Mode;
  readonly project: string;
  readonly application: string;
  readonly from: SealedText;
  readonly to: SealedText;
  readonly ringTimeoutMs: DurationMs;
  readonly rate: RateQuote;
  /** Authorised talk time, counted from the answer. At its end the worker ends the call by itself. */
  readonly authorisedForMs: DurationMs;
  readonly reservedMicros: Micros;
};
export type CallPlaced = NewCall & {
  readonly type: 'CallPlaced';
  /** The app of the caller number when the call was placed; null: none, or the event is older than this field. */
  readonly voiceAppId: VoiceAppId | null;
  /** null: the call runs no flow. */
  readonly flowUrl: SealedText | null;
  readonly statusCallbackUrl: SealedText | null;
  readonly record: boolean;
  /** null: the event is older than this field. */
  readonly destination: CalledDestination | null;
  /** Ranked, best first; the first is dialled. */
  readonly candidates: readonly RouteCandidate[];
  readonly placedAtMs: EpochMs;
};
/** A call that a carrier brought is accepted, and is answered next. */
export type CallReceived = NewCall & {
  readonly type: 'CallReceived';
  /** The called number. */
  readonly numberId: NumberId;
  /** The app of the called number, and the flow that the app had then. */
  readonly voiceAppId: VoiceAppId;
  readonly flowUrl: SealedText;
  readonly receivedAtMs: EpochMs;
};
/** The behaviour of a caller that the sandbox simulates. */
export type SimulatedCaller = {
  /** Time after which the caller gives up if nobody answers; 0: at once. */
  readonly givesUpAfterMs: DurationMs;
  /** Talk time after which the caller hangs up. */
  readonly hangsUpAfterMs: DurationMs;
};
/** A caller of the sandbox begins to ring a number of the account. */
export type InboundCallSimulated = SimulatedCaller & {
  readonly type: 'InboundCallSimulated';
  /** The ids that the call will have if it is accepted. */
  readonly callId: CallId;
  readonly attemptId: AttemptId;
  readonly accountId: AccountId;
  /** The key that requested it. */
  readonly keyId: KeyId;
  readonly mode: Mode;
  readonly numberId: NumberId;
  readonly from: SealedText;
  readonly to: SealedText;
  readonly simulatedAtMs: EpochMs;
};
type OfCall = { readonly callId: CallId; readonly legId: LegId; readonly keyId: KeyId };
export type CallRinging = OfCall & {
  readonly type: 'CallRinging';
  readonly attemptId: AttemptId;
  readonly ringingAtMs: EpochMs;
};
export type CallAnswered = OfCall & {
  readonly type: 'CallAnswered';
  readonly attemptId: AttemptId;
  readonly answeredAtMs: EpochMs;
};
/** More talk time was authorised. Time and reservation are the new totals; `addedMicros` is the added reservation. */
export type CallExtended = OfCall &
  RecordedDay & {
    readonly type: 'CallExtended';
    readonly mode: Mode;
    readonly authorisedForMs: DurationMs;
    readonly addedMicros: Micros;
    readonly reservedMicros: Micros;
    readonly extendedAtMs: EpochMs;
  };
export type CallHangUpRequested = OfCall & {
  readonly type: 'CallHangUpRequested';
  readonly reason: HangUpReason;
  readonly requestedAtMs: EpochMs;
};
/** Cost of one ended call. `chargedMicros + releasedMicros` equals the reservation. */
type Settlement = {
  /** Measured by the worker's monotonic clock. */
  readonly talkTimeMs: DurationMs;
  /** Talk time after minimum and increment, from which `chargedMicros` was computed. */
  readonly billedMs: DurationMs;
  readonly chargedMicros: Micros;
  readonly releasedMicros: Micros;
};
/** The end of a call that was answered. */
export type CallCompleted = OfCall &
  RecordedDay &
  Settlement & {
    readonly type: 'CallCompleted';
    readonly mode: Mode;
    readonly project: string;
    readonly application: string;
    readonly cause: EndCause;
    readonly endedBy: 'caller' | 'callee' | 'platform';
    readonly endedAtMs: EpochMs;
  };
/** The end of a call that was never answered; nothing is charged. */
export type CallFailed = OfCall &
  RecordedDay & {
    readonly type: 'CallFailed';
    readonly mode: Mode;
    readonly project: string;
    readonly application: string;
    readonly cause: EndCause;
    readonly releasedMicros: Micros;
    readonly endedAtMs: EpochMs;
  };
/** The day that the refusals belong to; null: the event is older than this field. */
type DayOfRefusal = { readonly [Name in keyof RecordedDay]: RecordedDay[Name] | null };
/** The first refusal of its key and reason in one second, in full. */
export type CallRefused = DayOfRefusal & {
  readonly type: 'CallRefused';
  readonly presentedKeyId: KeyId;
  readonly mode: Mode;
  readonly code: CallRefusalCode;
  readonly to: SealedText | null;
  readonly refusedAtMs: EpochMs;
};
/** The count of the other refusals of its key and reason in that second. */
export type CallRefusalsCounted = DayOfRefusal & {
  readonly type: 'CallRefusalsCounted';
  readonly presentedKeyId: KeyId;
  readonly mode: Mode;
  readonly code: CallRefusalCode;
  /** The second they fell in: whole seconds since the epoch, in milliseconds. */
  readonly secondStartMs: EpochMs;
  /** Refusals besides the one recorded in full; at least 1. */
  readonly count: number;
  readonly countedAtMs: EpochMs;
};

/** The order to mute a leg, or to end that. */
export type CallMuteRequested = OfCall & {
  readonly type: 'CallMuteRequested';
  readonly muted: boolean;
  readonly requestedAtMs: EpochMs;
};
/** The order to send digits to the party of a leg. It has none of them, in no form: the vault hands them over, once. */
export type CallDigitsRequested = OfCall & {
  readonly type: 'CallDigitsRequested';
  readonly operationId: OperationId;
  readonly digitCount: number;
  readonly toneMs: DurationMs;
  readonly requestedAtMs: EpochMs;
};
/** Effects of a digit that the party presses during a playback. */
export const onDigitValues = ['continue', 'stop'] as const;
export type OnDigit = (typeof onDigitValues)[number];
/** The order to play a file to the party of a leg, over whatever its flow does. */
export type CallPlaybackRequested = OfCall & {
  readonly type: 'CallPlaybackRequested';
  readonly attemptId: AttemptId;
  readonly operationId: OperationId;
  readonly mediaUrl: SealedText;
  readonly timesPlayed: number;
  readonly onDigit: OnDigit;
  readonly requestedAtMs: EpochMs;
};
/** Ends of a playback. `stopped`: by a digit, or by the next playback. */
export const playbackOutcomes = ['completed', 'failed', 'stopped'] as const;
export type PlaybackOutcome = (typeof playbackOutcomes)[number];
export type CallPlaybackEnded = OfCall & {
  readonly type: 'CallPlaybackEnded';
  readonly operationId: OperationId;
  readonly outcome: PlaybackOutcome;
  /** Audio that was heard, by the worker's clock; of a playback that another one replaced, 0. */
  readonly audioMs: DurationMs;
  readonly endedAtMs: EpochMs;
};

/** An event of a mutation of a live call. */
type CallMutationEvent = CallMuteRequested | CallDigitsRequested | CallPlaybackRequested | CallPlaybackEnded;

export type CallEvent =
  | CallPlaced
  | CallRinging
  | CallAnswered
  | CallExtended
  | CallHangUpRequested
  | CallCompleted
  | CallFailed
  | CallFlowEvent
  | CallMutationEvent
  | CallRefused
  | CallRefusalsCounted
  | CallReceived
  | InboundCallSimulated;
