import { durationMs, type DurationMs } from '@ringfence/kernel/units';
import type { ActionOutcome, DialAction, FlowAction, NestedAction } from './flow-action.js';
import { type FlowFault, faultOf } from './flow-fault.js';

/** The most replies that a call's flow may have. */
export const flowRepliesMax = 1_000;
/** The most replies one after the other between which nobody heard anything. */
export const silentRepliesMax = 20;

/** Time for a reply to be recorded: all attempts at the request fit, and a restart of the process that makes them. */
export const replyMsMax = durationMs(60_000);

/** The two URLs of a flow. */
export const flowRoles = ['flow', 'fallback'] as const;
export type FlowRole = (typeof flowRoles)[number];
/** Reasons for a request. */
export const requestCauses = ['answered', 'action_ended', 'failed', 'redirected'] as const;
export type RequestCause = (typeof requestCauses)[number];

/** Counts over the whole flow of a call. */
type FlowCounts = {
  readonly replies: number;
  /** Replies since the last action with audio. */
  readonly silentReplies: number;
  readonly fallbackUsed: boolean;
};

/**
 * State of the flow of a call. A request and the action of its reply share their number, the step; a nested action has
 * the next one. Steps count from 1 and are never reused within a call.
 */
export type FlowState<Text> =
  | { readonly phase: 'waiting' }
  | (FlowCounts & { readonly phase: 'requesting'; readonly step: number })
  | (FlowCounts & { readonly phase: 'playing'; readonly step: number; readonly nextFlowUrl: Text | null })
  | (FlowCounts & { readonly phase: 'streaming'; readonly step: number })
  | (FlowCounts & { readonly phase: 'dialling'; readonly step: number; readonly then: DialContinuations<Text> })
  | { readonly phase: 'ended' };

type DialContinuations<Text> = Pick<DialAction<Text>, 'onNoAnswer' | 'onBusy' | 'onFailure'>;

/** The URLs of a call's flow. */
export type FlowUrls<Text> = { readonly flowUrl: Text; readonly fallbackUrl: Text | null };

/** An input of the machine. */
export type FlowInput<Text> =
  | { readonly kind: 'answered' }
  | { readonly kind: 'replied'; readonly step: number; readonly action: FlowAction<Text> }
  /** The lack of a usable reply: the attempts failed, or the reply was invalid. */
  | { readonly kind: 'request_failed'; readonly step: number; readonly fault: FlowFault }
  /** `replyMsMax` has passed since the request. */
  | { readonly kind: 'reply_overdue' }
  | ({ readonly kind: 'action_ended'; readonly step: number } & ActionEnd)
  /** A mutation gives the live call another flow. */
  | { readonly kind: 'redirected'; readonly flowUrl: Text };

export type ActionEnd = {
  readonly outcome: ActionOutcome;
  /** Audio that was heard, by the worker's clock. */
  readonly audioMs: DurationMs;
};

/**
 * A fact of a flow, without the call that it is about. The orders to request, play, stream, dial and stop follow
 * from it.
 */
export type FlowFact<Text> =
  | {
      readonly type: 'CallFlowRequested';
      readonly step: number;
      readonly url: Text;
      readonly role: FlowRole;
      readonly cause: RequestCause;
    }
  /** The action begins with this. */
  | { readonly type: 'CallFlowReplied'; readonly step: number; readonly action: FlowAction<Text> }
  | { readonly type: 'CallActionStarted'; readonly step: number; readonly action: NestedAction<Text> }
  | ({ readonly type: 'CallActionEnded'; readonly step: number } & ActionEnd)
  | ({ readonly type: 'CallFlowFailed'; readonly step: number } & { readonly fault: FlowFault })
  | { readonly type: 'CallHangUpRequested'; readonly reason: 'flow_hangup' | 'flow_failed' };

type Active<Text> = Exclude<FlowState<Text>, { readonly phase: 'waiting' | 'ended' }>;
type Facts<Text> = readonly FlowFact<Text>[];

/**
 * The life of a flow: the meaning of each input in each phase. An input of another step, or of a flow that has not
 * begun or is over, yields no fact: workers report at least once, and late.
 */
export function decideFlow<Text>(state: FlowState<Text>, input: FlowInput<Text>, urls: FlowUrls<Text>): Facts<Text> {
  switch (state.phase) {
    case 'waiting':
      return input.kind === 'answered'
        ? [{ type: 'CallFlowRequested', step: 1, url: urls.flowUrl, role: 'flow', cause: 'answered' }]
        : [];
    case 'requesting':
      return onWhileRequesting(state, input, urls);
    case 'playing':
    case 'streaming':
    case 'dialling':
      return onWhileActing(state, input, urls);
    case 'ended':
      return [];
  }
}

/** Applies a fact. Total: a fact has already happened. */
export function evolveFlow<Text>(state: FlowState<Text>, fact: FlowFact<Text>): FlowState<Text> {
  switch (fact.type) {
    case 'CallFlowRequested': {
      const counts = countsOf(state);
      const fallbackUsed = counts.fallbackUsed || fact.role === 'fallback';
      return { phase: 'requesting', step: fact.step, ...counts, fallbackUsed };
    }
    case 'CallFlowReplied': {
      const { replies, silentReplies, fallbackUsed } = countsOf(state);
      const counts = { replies: replies + 1, silentReplies: silentReplies + 1, fallbackUsed };
      return acting(fact.step, fact.action, counts);
    }
    case 'CallActionStarted':
      return acting(fact.step, fact.action, countsOf(state));
    case 'CallActionEnded':
      // The fact that follows in the same decision names the next phase.
      return isActive(state) && fact.audioMs > 0 ? { ...state, silentReplies: 0 } : state;
    case 'CallFlowFailed':
      return state;
    case 'CallHangUpRequested':
      return { phase: 'ended' };
  }
}

function onWhileRequesting<Text>(
  state: Extract<FlowState<Text>, { readonly phase: 'requesting' }>,
  input: FlowInput<Text>,
  urls: FlowUrls<Text>,
): Facts<Text> {
  switch (input.kind) {
    case 'replied': {
      if (input.step !== state.step) return [];
      if (state.replies >= flowRepliesMax) return failing(state, faultOf('too_many_replies'), urls);
      if (state.silentReplies >= silentRepliesMax) return failing(state, faultOf('replies_without_audio'), urls);
      const replied = { type: 'CallFlowReplied', step: state.step, action: input.action } as const;
      return input.action.kind === 'hangup' ? [replied, hangUp] : [replied];
    }
    case 'request_failed':
      return input.step === state.step ? failing(state, input.fault, urls) : [];
    case 'reply_overdue':
      return failing(state, faultOf('reply_overdue'), urls);
    case 'redirected':
      return [redirected(state, input.flowUrl)];
    case 'answered':
    case 'action_ended':
      return [];
  }
}

function onWhileActing<Text>(
  state: Exclude<Active<Text>, { readonly phase: 'requesting' }>,
  input: FlowInput<Text>,
  urls: FlowUrls<Text>,
): Facts<Text> {
  switch (input.kind) {
    case 'action_ended': {
      if (input.step !== state.step) return [];
      const { step, outcome, audioMs } = input;
      const ended = { type: 'CallActionEnded', step, outcome, audioMs } as const;
      return [ended, ...afterAction(state, outcome, urls)];
    }
    case 'redirected': {
      const { step } = state;
      const stopped = { type: 'CallActionEnded', step, outcome: 'stopped', audioMs: durationMs(0) } as const;
      return [stopped, redirected(state, input.flowUrl)];
    }
    case 'answered':
    case 'replied':
    case 'request_failed':
    case 'reply_overdue':
      return [];
  }
}

/** The continuation of a flow after its action. */
function afterAction<Text>(
  state: Exclude<Active<Text>, { readonly phase: 'requesting' }>,
  outcome: ActionOutcome,
  urls: FlowUrls<Text>,
): Facts<Text> {
  switch (state.phase) {
    case 'playing': {
      if (outcome === 'failed') return failing(state, faultOf('action_failed'), urls);
      const { nextFlowUrl } = state;
      if (nextFlowUrl === null) return [hangUp];
      const step = state.step + 1;
      return [{ type: 'CallFlowRequested', step, url: nextFlowUrl, role: 'flow', cause: 'action_ended' }];
    }
    case 'streaming':
      return outcome === 'failed' ? failing(state, faultOf('action_failed'), urls) : [hangUp];
    case 'dialling': {
      const nested = continuationOf(state.then, outcome);
      if (nested !== null) return startNested(state.step + 1, nested);
      return outcome === 'failed' ? failing(state, faultOf('action_failed'), urls) : [hangUp];
    }
  }
}

function continuationOf<Text>(
  { onNoAnswer, onBusy, onFailure }: DialContinuations<Text>,
  outcome: ActionOutcome,
): NestedAction<Text> | null {
  switch (outcome) {
    case 'no_answer':
      return onNoAnswer;
    case 'busy':
      return onBusy;
    case 'failed':
      return onFailure;
    case 'completed':
    case 'stopped':
      return null;
  }
}

function startNested<Text>(step: number, action: NestedAction<Text>): Facts<Text> {
  return action.kind === 'hangup' ? [hangUp] : [{ type: 'CallActionStarted', step, action }];
}

/** A failure: the fallback URL is requested once in the life of a call; then the call ends. */
function failing<Text>({ step, fallbackUsed }: Active<Text>, fault: FlowFault, urls: FlowUrls<Text>): Facts<Text> {
  const failed = { type: 'CallFlowFailed', step, fault } as const;
  if (fallbackUsed || urls.fallbackUrl === null)
    return [failed, { type: 'CallHangUpRequested', reason: 'flow_failed' }];
  const next = { step: step + 1, url: urls.fallbackUrl, role: 'fallback', cause: 'failed' } as const;
  return [failed, { type: 'CallFlowRequested', ...next }];
}

function redirected<Text>({ step }: Active<Text>, url: Text): FlowFact<Text> {
  return { type: 'CallFlowRequested', step: step + 1, url, role: 'flow', cause: 'redirected' };
}

const hangUp = { type: 'CallHangUpRequested', reason: 'flow_hangup' } as const;

function acting<Text>(step: number, action: FlowAction<Text>, counts: FlowCounts): FlowState<Text> {
  switch (action.kind) {
    case 'play':
      return { phase: 'playing', step, nextFlowUrl: action.nextFlowUrl, ...counts };
    case 'stream':
      return { phase: 'streaming', step, ...counts };
    case 'dial': {
      const { onNoAnswer, onBusy, onFailure } = action;
      return { phase: 'dialling', step, then: { onNoAnswer, onBusy, onFailure }, ...counts };
    }
    case 'hangup':
      // The hang-up is requested in the same decision.
      return { phase: 'ended' };
  }
}

function countsOf<Text>(state: FlowState<Text>): FlowCounts {
  if (!isActive(state)) return { replies: 0, silentReplies: 0, fallbackUsed: false };
  const { replies, silentReplies, fallbackUsed } = state;
  return { replies, silentReplies, fallbackUsed };
}

function isActive<Text>(state: FlowState<Text>): state is Active<Text> {
  return state.phase !== 'waiting' && state.phase !== 'ended';
}
