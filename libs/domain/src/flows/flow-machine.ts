import { durationMs, type DurationMs } from '@ringfence/kernel/units';
import type { ActionOutcome, DialAction, FlowAction, FlowProgram, FlowRequest, NestedAction } from './flow-action.js';
import { type FlowFault, faultOf } from './flow-fault.js';

/** The most replies that a call's flow may have. */
export const flowRepliesMax = 1_000;
/** The most replies one after the other between which nobody heard anything: a chain of redirects is one of these. */
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

/** The action under way, and the actions of its program that follow it. */
type Acting<Text> = FlowCounts & { readonly step: number; readonly rest: readonly FlowAction<Text>[] };

/**
 * State of the flow of a call. A request and the first action of its reply share their number, the step; each further
 * action has the next one. Steps count from 1 and are never reused within a call.
 */
export type FlowState<Text> =
  | { readonly phase: 'waiting' }
  | (FlowCounts & { readonly phase: 'requesting'; readonly step: number })
  /** A file, speech or silence is heard. */
  | (Acting<Text> & { readonly phase: 'playing'; readonly next: FlowRequest<Text> | null })
  | (Acting<Text> & {
      readonly phase: 'gathering';
      readonly next: FlowRequest<Text>;
      readonly requestsWithoutInput: boolean;
    })
  | (Acting<Text> & { readonly phase: 'streaming'; readonly next: FlowRequest<Text> | null })
  | (Acting<Text> & { readonly phase: 'dialling'; readonly then: DialContinuations<Text> })
  | { readonly phase: 'ended' };

type DialContinuations<Text> = Pick<DialAction<Text>, 'onNoAnswer' | 'onBusy' | 'onFailure'>;

/** The place of a flow: behind a request, or here. */
type FlowSource<Text> =
  | ({ readonly kind: 'request' } & FlowRequest<Text>)
  | { readonly kind: 'program'; readonly program: FlowProgram<Text> };

/** The sources of a call's flow. */
export type FlowSources<Text> = {
  readonly flow: FlowSource<Text>;
  readonly fallback: FlowRequest<Text> | null;
};

/** An input of the machine. */
export type FlowInput<Text> =
  | { readonly kind: 'answered' }
  | { readonly kind: 'replied'; readonly step: number; readonly program: FlowProgram<Text> }
  /** The lack of a usable reply: the attempts failed, or the reply was invalid. */
  | { readonly kind: 'request_failed'; readonly step: number; readonly fault: FlowFault }
  /** `replyMsMax` has passed since the request. */
  | { readonly kind: 'reply_overdue' }
  | ({ readonly kind: 'action_ended'; readonly step: number } & ActionEnd)
  /** A mutation gives the live call another flow. */
  | { readonly kind: 'redirected'; readonly flow: FlowSource<Text> };

export type ActionEnd = {
  readonly outcome: ActionOutcome;
  /** Audio that was heard, silence of a pause included, by the worker's clock. */
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
      readonly method: FlowRequest<Text>['method'];
      readonly role: FlowRole;
      readonly cause: RequestCause;
    }
  /** The first action begins with this. */
  | {
      readonly type: 'CallFlowReplied';
      readonly step: number;
      readonly action: FlowAction<Text>;
      /** The actions that follow it. */
      readonly rest: readonly FlowAction<Text>[];
    }
  | {
      readonly type: 'CallActionStarted';
      readonly step: number;
      readonly action: FlowAction<Text>;
      /** Number of the actions of the reply that are still to come after this one. */
      readonly actionsLeft: number;
    }
  | ({ readonly type: 'CallActionEnded'; readonly step: number } & ActionEnd)
  | ({ readonly type: 'CallFlowFailed'; readonly step: number } & { readonly fault: FlowFault })
  | { readonly type: 'CallHangUpRequested'; readonly reason: 'flow_hangup' | 'flow_failed' };

type Active<Text> = Exclude<FlowState<Text>, { readonly phase: 'waiting' | 'ended' }>;
type ActingState<Text> = Exclude<Active<Text>, { readonly phase: 'requesting' }>;
type Facts<Text> = readonly FlowFact<Text>[];

/**
 * The life of a flow: the meaning of each input in each phase. An input of another step, or of a flow that has not
 * begun or is over, yields no fact: workers report at least once, and late.
 */
export function decideFlow<Text>(
  state: FlowState<Text>,
  input: FlowInput<Text>,
  sources: FlowSources<Text>,
): Facts<Text> {
  switch (state.phase) {
    case 'waiting':
      return input.kind === 'answered' ? beginning(newCounts, 1, sources.flow, 'answered', sources) : [];
    case 'requesting':
      return onWhileRequesting(state, input, sources);
    case 'playing':
    case 'gathering':
    case 'streaming':
    case 'dialling':
      return onWhileActing(state, input, sources);
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
      return acting(fact.action, { step: fact.step, rest: fact.rest, ...counts });
    }
    case 'CallActionStarted': {
      const { step, action, actionsLeft } = fact;
      const rest = 'rest' in state && actionsLeft > 0 ? state.rest.slice(-actionsLeft) : [];
      return acting(action, { step, rest, ...countsOf(state) });
    }
    case 'CallActionEnded':
      // The fact that follows in the same decision names the next phase. What is stopped did not go on by itself.
      return isActive(state) && (fact.audioMs > 0 || fact.outcome === 'stopped')
        ? { ...state, silentReplies: 0 }
        : state;
    case 'CallFlowFailed':
      return state;
    case 'CallHangUpRequested':
      return { phase: 'ended' };
  }
}

function onWhileRequesting<Text>(
  state: Extract<FlowState<Text>, { readonly phase: 'requesting' }>,
  input: FlowInput<Text>,
  sources: FlowSources<Text>,
): Facts<Text> {
  switch (input.kind) {
    case 'replied':
      return input.step === state.step ? replied(state, state.step, input.program, sources) : [];
    case 'request_failed':
      return input.step === state.step ? failing(state, input.fault, sources) : [];
    case 'reply_overdue':
      return failing(state, faultOf('reply_overdue'), sources);
    case 'redirected':
      return beginning(state, state.step + 1, input.flow, 'redirected', sources);
    case 'answered':
    case 'action_ended':
      return [];
  }
}

function onWhileActing<Text>(
  state: ActingState<Text>,
  input: FlowInput<Text>,
  sources: FlowSources<Text>,
): Facts<Text> {
  switch (input.kind) {
    case 'action_ended': {
      if (input.step !== state.step) return [];
      const { step, outcome, audioMs } = input;
      const ended = { type: 'CallActionEnded', step, outcome, audioMs } as const;
      return [ended, ...afterAction(state, outcome, sources)];
    }
    case 'redirected': {
      const { step } = state;
      const stopped = { type: 'CallActionEnded', step, outcome: 'stopped', audioMs: durationMs(0) } as const;
      const counts = countsOf(evolveFlow(state, stopped));
      return [stopped, ...beginning(counts, step + 1, input.flow, 'redirected', sources)];
    }
    case 'answered':
    case 'replied':
    case 'request_failed':
    case 'reply_overdue':
      return [];
  }
}

/** The beginning of a flow, at a step. */
function beginning<Text>(
  counts: FlowCounts,
  step: number,
  flow: FlowSource<Text>,
  cause: RequestCause,
  sources: FlowSources<Text>,
): Facts<Text> {
  if (flow.kind === 'program') return replied(counts, step, flow.program, sources);
  return [requested(step, flow, cause)];
}

/** The first action of a program begins, at a step. */
function replied<Text>(
  counts: FlowCounts,
  step: number,
  [action, ...rest]: FlowProgram<Text>,
  sources: FlowSources<Text>,
): Facts<Text> {
  if (counts.replies >= flowRepliesMax) return failing({ ...counts, step }, faultOf('too_many_replies'), sources);
  if (counts.silentReplies >= silentRepliesMax)
    return failing({ ...counts, step }, faultOf('replies_without_audio'), sources);
  const fault = unavailableIn(action);
  if (fault !== undefined) return failing({ ...counts, step }, fault, sources);
  const first = { type: 'CallFlowReplied', step, action, rest } as const;
  if (action.kind === 'hangup') return [first, hangUp];
  return action.kind === 'redirect' ? [first, requested(step + 1, action.to, 'redirected')] : [first];
}

/** The continuation of a flow after its action. */
function afterAction<Text>(state: ActingState<Text>, outcome: ActionOutcome, sources: FlowSources<Text>): Facts<Text> {
  const step = state.step + 1;
  if (state.phase === 'dialling') {
    const nested = continuationOf(state.then, outcome);
    if (nested !== null) return begun(step, nested, 0);
  }
  if (outcome === 'failed') return failing(state, faultOf('action_failed'), sources);
  const next = requestAfter(state, outcome);
  return next === null ? goingOn(state, sources) : [requested(step, next, 'action_ended')];
}

/** The request that an action itself has after it; null: its program goes on. */
function requestAfter<Text>(state: ActingState<Text>, outcome: ActionOutcome): FlowRequest<Text> | null {
  switch (state.phase) {
    case 'playing':
    case 'streaming':
      return state.next;
    case 'gathering':
      return outcome === 'no_input' && !state.requestsWithoutInput ? null : state.next;
    case 'dialling':
      return null;
  }
}

/** The next action of the program; without one the flow is over. */
function goingOn<Text>(state: ActingState<Text>, sources: FlowSources<Text>): Facts<Text> {
  const [action, ...rest] = state.rest;
  if (action === undefined) return [hangUp];
  const fault = unavailableIn(action);
  return fault === undefined ? begun(state.step + 1, action, rest.length) : failing(state, fault, sources);
}

function begun<Text>(step: number, action: FlowAction<Text>, actionsLeft: number): Facts<Text> {
  if (action.kind === 'hangup') return [hangUp];
  if (action.kind === 'redirect') return [requested(step, action.to, 'redirected')];
  return [{ type: 'CallActionStarted', step, action, actionsLeft }];
}

/** A flow runs on answered calls, which nobody can decline any more. */
function unavailableIn<Text>({ kind }: FlowAction<Text>): FlowFault | undefined {
  return kind === 'reject' ? faultOf('action_not_available', { action: kind }) : undefined;
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
    case 'no_input':
      return null;
  }
}

/** A failure: the fallback URL is requested once in the life of a call; then the call ends. */
function failing<Text>(
  { step, fallbackUsed }: Pick<Active<Text>, 'step' | 'fallbackUsed'>,
  fault: FlowFault,
  { fallback }: FlowSources<Text>,
): Facts<Text> {
  const failed = { type: 'CallFlowFailed', step, fault } as const;
  if (fallbackUsed || fallback === null) return [failed, { type: 'CallHangUpRequested', reason: 'flow_failed' }];
  return [failed, requested(step + 1, fallback, 'failed', 'fallback')];
}

function requested<Text>(
  step: number,
  { url, method }: FlowRequest<Text>,
  cause: RequestCause,
  role: FlowRole = 'flow',
): FlowFact<Text> {
  return { type: 'CallFlowRequested', step, url, method, role, cause };
}

const hangUp = { type: 'CallHangUpRequested', reason: 'flow_hangup' } as const;

function acting<Text>(action: FlowAction<Text>, of: Acting<Text>): FlowState<Text> {
  switch (action.kind) {
    case 'play':
      return { phase: 'playing', next: action.next, ...of };
    case 'say':
    case 'pause':
      return { phase: 'playing', next: null, ...of };
    case 'gather': {
      const { next, requestsWithoutInput } = action;
      return { phase: 'gathering', next, requestsWithoutInput, ...of };
    }
    case 'stream':
      return { phase: 'streaming', next: action.next, ...of };
    case 'dial': {
      const { onNoAnswer, onBusy, onFailure } = action;
      return { phase: 'dialling', then: { onNoAnswer, onBusy, onFailure }, ...of };
    }
    case 'redirect':
    case 'reject': {
      // The request, or the failure, is in the same decision.
      const { rest: _rest, ...counts } = of;
      return { phase: 'requesting', ...counts };
    }
    case 'hangup':
      // The hang-up is requested in the same decision.
      return { phase: 'ended' };
  }
}

const newCounts: FlowCounts = { replies: 0, silentReplies: 0, fallbackUsed: false };

function countsOf<Text>(state: FlowState<Text>): FlowCounts {
  if (!isActive(state)) return newCounts;
  const { replies, silentReplies, fallbackUsed } = state;
  return { replies, silentReplies, fallbackUsed };
}

function isActive<Text>(state: FlowState<Text>): state is Active<Text> {
  return state.phase !== 'waiting' && state.phase !== 'ended';
}
