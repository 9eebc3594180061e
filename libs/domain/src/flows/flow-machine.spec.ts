import { durationMs } from '@ringfence/kernel/units';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  type ActionOutcome,
  actionOutcomes,
  type DialAction,
  type FlowAction,
  type PlayAction,
} from './flow-action.js';
import { faultOf, flowFaultCodes } from './flow-fault.js';
import {
  decideFlow,
  evolveFlow,
  type FlowFact,
  type FlowInput,
  flowRepliesMax,
  type FlowState,
  type FlowUrls,
  silentRepliesMax,
} from './flow-machine.js';

const withFallback: FlowUrls<string> = { flowUrl: 'flow', fallbackUrl: 'fallback' };
const withoutFallback: FlowUrls<string> = { flowUrl: 'flow', fallbackUrl: null };

const stream: FlowAction<string> = {
  kind: 'stream',
  wsUrl: 'ws',
  sampleRate: '8k',
  chunkMs: durationMs(400),
  record: false,
};
const play = (nextFlowUrl: string | null, mediaUrl = 'media'): PlayAction<string> => ({
  kind: 'play',
  mediaUrl,
  timesPlayed: 1,
  nextFlowUrl,
});
const dial = (nested: Partial<DialAction<string>> = {}): DialAction<string> => ({
  kind: 'dial',
  to: '+15005550000',
  ringTimeoutMs: durationMs(30_000),
  record: 'none',
  customHeaders: [],
  statusCallbackUrl: null,
  ringback: 'passthrough',
  dialMusic: null,
  confirmSound: null,
  onNoAnswer: null,
  onBusy: null,
  onFailure: null,
  ...nested,
});
const ended = (outcome: ActionOutcome, audioMs = 1_000, step = 1) =>
  ({ kind: 'action_ended', step, outcome, audioMs: durationMs(audioMs) }) as const;

/** The inputs of the table, each about step 1 unless it says otherwise. */
const inputs = {
  answered: { kind: 'answered' },
  'reply stream': { kind: 'replied', step: 1, action: stream },
  'reply play': { kind: 'replied', step: 1, action: play(null) },
  'reply play, then next': { kind: 'replied', step: 1, action: play('next') },
  'reply dial': { kind: 'replied', step: 1, action: dial() },
  'reply hangup': { kind: 'replied', step: 1, action: { kind: 'hangup' } },
  'reply of another step': { kind: 'replied', step: 2, action: stream },
  'bad reply': {
    kind: 'request_failed',
    step: 1,
    fault: faultOf('member_invalid', { action: 'stream', pointer: '/ws_url' }),
  },
  'no connection': { kind: 'request_failed', step: 1, fault: faultOf('connection_failed') },
  'failure of another step': { kind: 'request_failed', step: 2, fault: faultOf('connection_failed') },
  overdue: { kind: 'reply_overdue' },
  'ended completed': ended('completed'),
  'ended failed': ended('failed'),
  'ended stopped': ended('stopped'),
  'ended no_answer': ended('no_answer'),
  'ended busy': ended('busy'),
  'end of another step': ended('completed', 1_000, 2),
  redirected: { kind: 'redirected', flowUrl: 'other' },
} as const satisfies Record<string, FlowInput<string>>;
type InputName = keyof typeof inputs;
const inputNames = Object.keys(inputs) as readonly InputName[];

const fresh = { replies: 1, silentReplies: 1, fallbackUsed: false };
const noNested = { onNoAnswer: null, onBusy: null, onFailure: null };
const nestedPlays = { onNoAnswer: play(null, 'sorry'), onBusy: play(null, 'busy'), onFailure: play(null, 'failed') };
const hangup = { kind: 'hangup' } as const;

type Row = {
  readonly state: FlowState<string>;
  readonly urls: FlowUrls<string>;
  /** Outcome of each input; inputs that are not named lead to nothing. */
  readonly on: Partial<Record<InputName, string>>;
};

/**
 * The table of cases: every state with every input. `1! code`: step 1 failed; `? url`: requested; `> action`: replied
 * and begun; `+ action`: nested, begun; `. outcome`: ended; `x reason`: the call is hung up.
 */
const table: Readonly<Record<string, Row>> = {
  'not answered yet': {
    state: { phase: 'waiting' },
    urls: withFallback,
    on: { answered: '1? flow' },
  },
  'first request': {
    state: { phase: 'requesting', step: 1, replies: 0, silentReplies: 0, fallbackUsed: false },
    urls: withFallback,
    on: {
      'reply stream': '1> stream',
      'reply play': '1> play',
      'reply play, then next': '1> play',
      'reply dial': '1> dial',
      'reply hangup': '1> hangup, x flow_hangup',
      'bad reply': '1! member_invalid, 2? fallback',
      'no connection': '1! connection_failed, 2? fallback',
      overdue: '1! reply_overdue, 2? fallback',
      redirected: '2? other',
    },
  },
  'first request, no fallback': {
    state: { phase: 'requesting', step: 1, replies: 0, silentReplies: 0, fallbackUsed: false },
    urls: withoutFallback,
    on: {
      'reply stream': '1> stream',
      'reply play': '1> play',
      'reply play, then next': '1> play',
      'reply dial': '1> dial',
      'reply hangup': '1> hangup, x flow_hangup',
      'bad reply': '1! member_invalid, x flow_failed',
      'no connection': '1! connection_failed, x flow_failed',
      overdue: '1! reply_overdue, x flow_failed',
      redirected: '2? other',
    },
  },
  'request of the fallback': {
    state: { phase: 'requesting', step: 1, replies: 0, silentReplies: 0, fallbackUsed: true },
    urls: withFallback,
    on: {
      'reply stream': '1> stream',
      'reply play': '1> play',
      'reply play, then next': '1> play',
      'reply dial': '1> dial',
      'reply hangup': '1> hangup, x flow_hangup',
      'bad reply': '1! member_invalid, x flow_failed',
      'no connection': '1! connection_failed, x flow_failed',
      overdue: '1! reply_overdue, x flow_failed',
      redirected: '2? other',
    },
  },
  'after the most replies without audio': {
    state: { phase: 'requesting', step: 1, replies: 20, silentReplies: silentRepliesMax, fallbackUsed: false },
    urls: withFallback,
    on: {
      'reply stream': '1! replies_without_audio, 2? fallback',
      'reply play': '1! replies_without_audio, 2? fallback',
      'reply play, then next': '1! replies_without_audio, 2? fallback',
      'reply dial': '1! replies_without_audio, 2? fallback',
      'reply hangup': '1! replies_without_audio, 2? fallback',
      'bad reply': '1! member_invalid, 2? fallback',
      'no connection': '1! connection_failed, 2? fallback',
      overdue: '1! reply_overdue, 2? fallback',
      redirected: '2? other',
    },
  },
  'after the most replies of a call': {
    state: { phase: 'requesting', step: 1, replies: flowRepliesMax, silentReplies: 0, fallbackUsed: true },
    urls: withFallback,
    on: {
      'reply stream': '1! too_many_replies, x flow_failed',
      'reply play': '1! too_many_replies, x flow_failed',
      'reply play, then next': '1! too_many_replies, x flow_failed',
      'reply dial': '1! too_many_replies, x flow_failed',
      'reply hangup': '1! too_many_replies, x flow_failed',
      'bad reply': '1! member_invalid, x flow_failed',
      'no connection': '1! connection_failed, x flow_failed',
      overdue: '1! reply_overdue, x flow_failed',
      redirected: '2? other',
    },
  },
  'playing, nothing next': {
    state: { phase: 'playing', step: 1, nextFlowUrl: null, ...fresh },
    urls: withFallback,
    on: {
      'ended completed': '1. completed, x flow_hangup',
      'ended failed': '1. failed, 1! action_failed, 2? fallback',
      'ended stopped': '1. stopped, x flow_hangup',
      'ended no_answer': '1. no_answer, x flow_hangup',
      'ended busy': '1. busy, x flow_hangup',
      redirected: '1. stopped, 2? other',
    },
  },
  'playing, a flow next': {
    state: { phase: 'playing', step: 1, nextFlowUrl: 'next', ...fresh },
    urls: withoutFallback,
    on: {
      'ended completed': '1. completed, 2? next',
      'ended failed': '1. failed, 1! action_failed, x flow_failed',
      'ended stopped': '1. stopped, 2? next',
      'ended no_answer': '1. no_answer, 2? next',
      'ended busy': '1. busy, 2? next',
      redirected: '1. stopped, 2? other',
    },
  },
  streaming: {
    state: { phase: 'streaming', step: 1, ...fresh },
    urls: withFallback,
    on: {
      'ended completed': '1. completed, x flow_hangup',
      'ended failed': '1. failed, 1! action_failed, 2? fallback',
      'ended stopped': '1. stopped, x flow_hangup',
      'ended no_answer': '1. no_answer, x flow_hangup',
      'ended busy': '1. busy, x flow_hangup',
      redirected: '1. stopped, 2? other',
    },
  },
  'streaming, fallback used': {
    state: { phase: 'streaming', step: 1, ...fresh, fallbackUsed: true },
    urls: withFallback,
    on: {
      'ended completed': '1. completed, x flow_hangup',
      'ended failed': '1. failed, 1! action_failed, x flow_failed',
      'ended stopped': '1. stopped, x flow_hangup',
      'ended no_answer': '1. no_answer, x flow_hangup',
      'ended busy': '1. busy, x flow_hangup',
      redirected: '1. stopped, 2? other',
    },
  },
  'dialling, nothing nested': {
    state: { phase: 'dialling', step: 1, then: noNested, ...fresh },
    urls: withFallback,
    on: {
      'ended completed': '1. completed, x flow_hangup',
      'ended failed': '1. failed, 1! action_failed, 2? fallback',
      'ended stopped': '1. stopped, x flow_hangup',
      'ended no_answer': '1. no_answer, x flow_hangup',
      'ended busy': '1. busy, x flow_hangup',
      redirected: '1. stopped, 2? other',
    },
  },
  'dialling, nested plays': {
    state: { phase: 'dialling', step: 1, then: nestedPlays, ...fresh },
    urls: withFallback,
    on: {
      'ended completed': '1. completed, x flow_hangup',
      'ended failed': '1. failed, 2+ play failed',
      'ended stopped': '1. stopped, x flow_hangup',
      'ended no_answer': '1. no_answer, 2+ play sorry',
      'ended busy': '1. busy, 2+ play busy',
      redirected: '1. stopped, 2? other',
    },
  },
  'dialling, nested hang-ups': {
    state: { phase: 'dialling', step: 1, then: { onNoAnswer: hangup, onBusy: hangup, onFailure: hangup }, ...fresh },
    urls: withFallback,
    on: {
      'ended completed': '1. completed, x flow_hangup',
      'ended failed': '1. failed, x flow_hangup',
      'ended stopped': '1. stopped, x flow_hangup',
      'ended no_answer': '1. no_answer, x flow_hangup',
      'ended busy': '1. busy, x flow_hangup',
      redirected: '1. stopped, 2? other',
    },
  },
  over: { state: { phase: 'ended' }, urls: withFallback, on: {} },
};

function inWords(fact: FlowFact<string>): string {
  switch (fact.type) {
    case 'CallFlowRequested':
      return `${String(fact.step)}? ${fact.url}`;
    case 'CallFlowReplied':
      return `${String(fact.step)}> ${fact.action.kind}`;
    case 'CallActionStarted':
      return `${String(fact.step)}+ ${fact.action.kind} ${fact.action.kind === 'play' ? fact.action.mediaUrl : ''}`;
    case 'CallActionEnded':
      return `${String(fact.step)}. ${fact.outcome}`;
    case 'CallFlowFailed':
      return `${String(fact.step)}! ${fact.fault.code}`;
    case 'CallHangUpRequested':
      return `x ${fact.reason}`;
  }
}

const cases = Object.entries(table).flatMap(([name, { state, urls, on }]) =>
  inputNames.map((input) => ({ name, state, urls, input, leadsTo: on[input] ?? 'nothing' })),
);

describe('the life of a flow', () => {
  it('has a table of more than 120 cases', () => {
    expect(cases.length).toBeGreaterThan(120);
  });

  it.each(cases)('$name: $input leads to $leadsTo', ({ state, urls, input, leadsTo }) => {
    const facts = decideFlow(state, inputs[input], urls);
    expect(facts.length === 0 ? 'nothing' : facts.map(inWords).join(', ')).toBe(leadsTo);
  });

  it.each(Object.entries(table))('%s: a hang-up ends it, and nothing follows', (_, { state, urls }) => {
    const over = evolveFlow(state, { type: 'CallHangUpRequested', reason: 'flow_hangup' });
    expect(inputNames.flatMap((name) => decideFlow(over, inputs[name], urls))).toEqual([]);
  });

  const walk = (urls: FlowUrls<string>, ...through: readonly FlowInput<string>[]) => {
    let state: FlowState<string> = { phase: 'waiting' };
    const facts: string[] = [];
    for (const input of through) {
      const led: readonly FlowFact<string>[] = decideFlow(state, input, urls);
      facts.push(...led.map(inWords));
      for (const fact of led) state = evolveFlow(state, fact);
    }
    return { state, facts };
  };

  it('plays one file after the other, then streams', () => {
    const { state, facts } = walk(
      withFallback,
      inputs.answered,
      { kind: 'replied', step: 1, action: play('second') },
      ended('completed'),
      { kind: 'replied', step: 2, action: stream },
    );
    expect(facts).toEqual(['1? flow', '1> play', '1. completed', '2? second', '2> stream']);
    expect(state).toMatchObject({ phase: 'streaming', step: 2, replies: 2, silentReplies: 1 });
  });

  it('dials, and plays what is nested for a busy number, then hangs up', () => {
    const { state, facts } = walk(
      withFallback,
      inputs.answered,
      { kind: 'replied', step: 1, action: dial({ onBusy: play(null, 'sorry') }) },
      ended('busy', 0),
      ended('completed', 1_000, 2),
    );
    expect(facts).toEqual(['1? flow', '1> dial', '1. busy', '2+ play sorry', '2. completed', 'x flow_hangup']);
    expect(state).toEqual({ phase: 'ended' });
  });

  it('requests the fallback once: a failure of its action ends the call', () => {
    const { facts } = walk(
      withFallback,
      inputs.answered,
      inputs['no connection'],
      { kind: 'replied', step: 2, action: stream },
      ended('failed', 0, 2),
    );
    expect(facts.at(-1)).toBe('x flow_failed');
    expect(facts.filter((fact) => fact.endsWith('? fallback'))).toHaveLength(1);
  });

  it('counts a reply that arrives twice once', () => {
    const { facts } = walk(withFallback, inputs.answered, inputs['reply stream'], inputs['reply stream']);
    expect(facts).toEqual(['1? flow', '1> stream']);
  });

  it.each([
    { audioMs: 0, replies: silentRepliesMax, because: 'nobody heard anything' },
    { audioMs: 1, replies: flowRepliesMax, because: 'each was heard' },
  ])('ends a flow that plays on and on after $replies replies: $because', ({ audioMs, replies }) => {
    const forEver = Array.from({ length: flowRepliesMax + 1 }, (_, at): readonly FlowInput<string>[] => [
      { kind: 'replied', step: at + 1, action: play('again') },
      ended('completed', audioMs, at + 1),
    ]);
    const { facts } = walk(withoutFallback, inputs.answered, ...forEver.flat());
    expect(facts.filter((fact) => fact.endsWith('> play'))).toHaveLength(replies);
    expect(facts.at(-1)).toBe('x flow_failed');
  });

  const anyInput = fc.oneof(
    fc.constantFrom(...inputNames).map((name): FlowInput<string> => inputs[name]),
    fc.nat({ max: 6 }).map((step): FlowInput<string> => ({ kind: 'replied', step, action: play('next') })),
    fc
      .tuple(fc.nat({ max: 6 }), fc.constantFrom(...actionOutcomes))
      .map(([step, outcome]): FlowInput<string> => ended(outcome, 10, step)),
    fc
      .tuple(fc.nat({ max: 6 }), fc.constantFrom(...flowFaultCodes))
      .map(([step, code]): FlowInput<string> => ({ kind: 'request_failed', step, fault: faultOf(code) })),
  );

  it('numbers its steps upwards, requests the fallback at most once, and hangs up at most once', () => {
    fc.assert(
      fc.property(fc.array(anyInput, { maxLength: 60 }), (through) => {
        const { facts, state } = walk(withFallback, inputs.answered, ...through);
        const begun = facts.filter((fact) => /^\d+[?+]/.test(fact)).map((fact) => Number.parseInt(fact, 10));
        expect(begun).toEqual([...new Set(begun)].sort((left, right) => left - right));
        expect(facts.filter((fact) => fact.endsWith('? fallback')).length).toBeLessThanOrEqual(1);
        const hangUps = facts.filter((fact) => fact.startsWith('x '));
        expect(hangUps.length).toBe(state.phase === 'ended' ? 1 : 0);
      }),
    );
  });
});
