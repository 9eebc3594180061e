import type { AccountId, CallId, KeyId, LegId, VoiceAppId } from '@ringfence/kernel/ids';
import type { DurationMs, EpochMs } from '@ringfence/kernel/units';
import type { ActionOutcome, FlowAction, FlowRequest } from '../flows/flow-action.js';
import type { FlowFault } from '../flows/flow-fault.js';
import type { FlowRole, RequestCause } from '../flows/flow-machine.js';
import type { CallDirection } from './call-direction.js';
import type { AttemptId, Mode, SealedSecret, SealedText } from '../shared/values.js';

type OfStep = {
  readonly callId: CallId;
  readonly legId: LegId;
  readonly keyId: KeyId;
  /** Number of the request within its call, and of the action of its reply. */
  readonly step: number;
};

/** An action that the attempt's worker carries out. */
type OfAction = OfStep & { readonly attemptId: AttemptId };

/** The order to request the next action of a live call. It has everything that the request needs. */
export type CallFlowRequested = OfStep & {
  readonly type: 'CallFlowRequested';
  readonly accountId: AccountId;
  readonly mode: Mode;
  readonly direction: CallDirection;
  readonly url: SealedText;
  readonly method: FlowRequest<SealedText>['method'];
  readonly role: FlowRole;
  readonly cause: RequestCause;
  readonly from: SealedText;
  readonly to: SealedText;
  /** null: the call belongs to no app. */
  readonly appId: VoiceAppId | null;
  /**
   * Values that sign the request, the current one first, and during a rotation the previous one: of the app's secret,
   * else of the account's oldest one of the mode. Empty: nothing signs.
   */
  readonly signedWith: readonly SealedSecret[];
  readonly requestedAtMs: EpochMs;
};
/** A valid reply; with it its first action begins. */
export type CallFlowReplied = OfAction & {
  readonly type: 'CallFlowReplied';
  readonly action: FlowAction<SealedText>;
  /** The actions that follow it. */
  readonly rest: readonly FlowAction<SealedText>[];
  readonly repliedAtMs: EpochMs;
};
/** The beginning of a further action of a reply, or of one within another. */
export type CallActionStarted = OfAction & {
  readonly type: 'CallActionStarted';
  readonly action: FlowAction<SealedText>;
  /** Number of the actions of the reply that are still to come after this one. */
  readonly actionsLeft: number;
  readonly startedAtMs: EpochMs;
};
export type CallActionEnded = OfStep & {
  readonly type: 'CallActionEnded';
  readonly outcome: ActionOutcome;
  /** Audio that was heard, by the worker's clock. */
  readonly audioMs: DurationMs;
  readonly endedAtMs: EpochMs;
};
/** A request without a usable reply, or an action that failed, and what is wrong where. */
export type CallFlowFailed = OfStep & {
  readonly type: 'CallFlowFailed';
  readonly fault: FlowFault;
  readonly failedAtMs: EpochMs;
};

export type CallFlowEvent = CallFlowRequested | CallFlowReplied | CallActionStarted | CallActionEnded | CallFlowFailed;
