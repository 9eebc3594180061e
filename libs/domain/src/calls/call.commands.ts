import type { AccountId, CallId, LegId, OperationId } from '@ringfence/kernel/ids';
import type { DurationMs } from '@ringfence/kernel/units';
import type { AttemptId, CommandMetadata, PresentedNumber, SealedText } from '../shared/values.js';
import type { RateDecks } from '../billing/rating/rate-deck.js';
import type { Calendar } from '../shared/calendar.js';
import type { NumberingPlan } from '../limits/numbering-plan.js';
import type { Routes } from '../routing/routes.js';
import type { ActionEnd } from '../flows/flow-machine.js';
import type { FlowAction } from '../flows/flow-action.js';
import type { FlowFault } from '../flows/flow-fault.js';
import type { OnDigit, PlaybackOutcome, ReportedCause, SimulatedCaller } from './call.events.js';
import { type AuthorityOver, noKey } from '../shared/authorization.js';

export type PlaceCall = CommandMetadata & {
  readonly type: 'PlaceCall';
  readonly accountId: AccountId;
  readonly callId: CallId;
  readonly legId: LegId;
  /** The id that the event CallPlaced will have; the worker deduplicates dials by it. */
  readonly attemptId: AttemptId;
  readonly from: PresentedNumber;
  readonly to: PresentedNumber;
  /** null: the call runs no flow. */
  readonly flowUrl: SealedText | null;
  readonly statusCallbackUrl: SealedText | null;
  readonly record: boolean;
  /** 1 s … 600 s */
  readonly ringTimeoutMs: DurationMs;
  /** Versioned reference data, attached by the lane. */
  readonly rateDecks: RateDecks;
  readonly routes: Routes;
  readonly numberingPlan: NumberingPlan;
  readonly calendar: Calendar;
};

export type HangUpCall = CommandMetadata & {
  readonly type: 'HangUpCall';
  readonly accountId: AccountId;
  readonly callId: CallId;
  /** null: every leg */
  readonly legId: LegId | null;
};

/** A worker's report. `talkTimeMs` is measured from the answer, by the worker's monotonic clock. */
export type CallSignal =
  | { readonly kind: 'ringing' }
  | { readonly kind: 'answered' }
  | {
      readonly kind: 'ended';
      readonly cause: ReportedCause;
      readonly endedBy: 'caller' | 'callee' | 'platform';
      readonly talkTimeMs: DurationMs;
    };

export type RecordCallProgress = CommandMetadata & {
  readonly type: 'RecordCallProgress';
  readonly accountId: AccountId;
  readonly callId: CallId;
  readonly attemptId: AttemptId;
  readonly signal: CallSignal;
};

/** A worker's report of what became of the request of a flow. */
export type RecordFlowReply = CommandMetadata & {
  readonly type: 'RecordFlowReply';
  readonly accountId: AccountId;
  readonly callId: CallId;
  readonly step: number;
  readonly reply: FlowReply;
};
export type FlowReply =
  | {
      readonly kind: 'program';
      readonly action: FlowAction<SealedText>;
      /** The actions that follow it. */
      readonly rest: readonly FlowAction<SealedText>[];
    }
  | { readonly kind: 'failed'; readonly fault: FlowFault };

/** A worker's report that an action of a flow is over. */
export type RecordActionEnd = CommandMetadata &
  ActionEnd & {
    readonly type: 'RecordActionEnd';
    readonly accountId: AccountId;
    readonly callId: CallId;
    readonly step: number;
  };

type OnLiveCall = CommandMetadata & {
  readonly accountId: AccountId;
  readonly callId: CallId;
};

export type MuteLeg = OnLiveCall & {
  readonly type: 'MuteLeg';
  readonly legId: LegId;
  /** true: nothing of what the party of the leg says is heard. */
  readonly muted: boolean;
};

/** The digits themselves are handed over beside the log: by the vault, once. */
export type SendDigits = OnLiveCall & {
  readonly type: 'SendDigits';
  /** null: the first leg */
  readonly legId: LegId | null;
  /** Names the digits in the vault, and the operation at the carrier. */
  readonly operationId: OperationId;
  readonly digitCount: number;
  /** Length of each tone. */
  readonly toneMs: DurationMs;
};

export type PlayMedia = OnLiveCall & {
  readonly type: 'PlayMedia';
  /** null: the first leg */
  readonly legId: LegId | null;
  /** Names the playback, for clients too. */
  readonly operationId: OperationId;
  readonly mediaUrl: SealedText;
  /** 1 … 100 */
  readonly timesPlayed: number;
  readonly onDigit: OnDigit;
};

/** A worker's report that a playback is over. */
export type RecordPlaybackEnd = OnLiveCall & {
  readonly type: 'RecordPlaybackEnd';
  readonly operationId: OperationId;
  readonly outcome: PlaybackOutcome;
  readonly audioMs: DurationMs;
};

/** Reports of workers on calls. */
export type CallReport = ReceiveCall | RecordCallProgress | RecordFlowReply | RecordActionEnd | RecordPlaybackEnd;

/** A worker's report that a carrier brings a call to a number of the account. */
export type ReceiveCall = CommandMetadata & {
  readonly type: 'ReceiveCall';
  readonly accountId: AccountId;
  /** The ids that the call has if it is accepted; all follow from the carrier's call, so that it is received once. */
  readonly callId: CallId;
  readonly legId: LegId;
  readonly attemptId: AttemptId;
  readonly from: PresentedNumber;
  readonly to: PresentedNumber;
  readonly ringTimeoutMs: DurationMs;
  /** Versioned reference data, attached by the lane. */
  readonly rateDecks: RateDecks;
  readonly numberingPlan: NumberingPlan;
  readonly calendar: Calendar;
};

/** Lets a caller of the sandbox ring a number of the account. */
export type SimulateInboundCall = CommandMetadata &
  SimulatedCaller & {
    readonly type: 'SimulateInboundCall';
    readonly accountId: AccountId;
    readonly callId: CallId;
    readonly attemptId: AttemptId;
    readonly from: PresentedNumber;
    readonly to: PresentedNumber;
  };

export type CallCommand = PlaceCall | HangUpCall | MuteLeg | SendDigits | PlayMedia | SimulateInboundCall | CallReport;

export const callAuthority: AuthorityOver<CallCommand> = {
  PlaceCall: { scope: 'calls:write', account: 'own', platform: false },
  HangUpCall: { scope: 'calls:write', account: 'own', platform: true },
  RecordCallProgress: noKey,
  RecordFlowReply: noKey,
  RecordActionEnd: noKey,
  RecordPlaybackEnd: noKey,
  MuteLeg: { scope: 'calls:write', account: 'own', platform: false },
  SendDigits: { scope: 'calls:write', account: 'own', platform: false },
  PlayMedia: { scope: 'calls:write', account: 'own', platform: false },
  ReceiveCall: noKey,
  SimulateInboundCall: { scope: 'calls:write', account: 'own', platform: false },
};
