import { describe, expect, it } from '@jest/globals';
import {
  fresh,
  gather,
  hangup,
  inputNames,
  inputs,
  inWords,
  noNested,
  nestedPlays,
  over,
  redirect,
  reject,
  request,
  say,
  withFallback,
  withoutFallback,
  type InputName,
} from './flow-cases.contract.js';
import {
  decideFlow,
  evolveFlow,
  flowRepliesMax,
  silentRepliesMax,
  type FlowSources,
  type FlowState,
} from './flow-machine.js';

type Row = {
  readonly state: FlowState<string>;
  readonly urls: FlowSources<string>;
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
      'reply say, gather, hangup': '1> say gather hangup',
      'reply pause': '1> pause',
      'reply gather': '1> gather',
      'reply redirect': '1> redirect, 2? elsewhere',
      'reply reject': '1! action_not_available, 2? fallback',
      'bad reply': '1! member_invalid, 2? fallback',
      'no connection': '1! connection_failed, 2? fallback',
      overdue: '1! reply_overdue, 2? fallback',
      redirected: '2? other',
      'redirected to a program': '2> say hangup',
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
      'reply say, gather, hangup': '1> say gather hangup',
      'reply pause': '1> pause',
      'reply gather': '1> gather',
      'reply redirect': '1> redirect, 2? elsewhere',
      'reply reject': '1! action_not_available, x flow_failed',
      'bad reply': '1! member_invalid, x flow_failed',
      'no connection': '1! connection_failed, x flow_failed',
      overdue: '1! reply_overdue, x flow_failed',
      redirected: '2? other',
      'redirected to a program': '2> say hangup',
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
      'reply say, gather, hangup': '1> say gather hangup',
      'reply pause': '1> pause',
      'reply gather': '1> gather',
      'reply redirect': '1> redirect, 2? elsewhere',
      'reply reject': '1! action_not_available, x flow_failed',
      'bad reply': '1! member_invalid, x flow_failed',
      'no connection': '1! connection_failed, x flow_failed',
      overdue: '1! reply_overdue, x flow_failed',
      redirected: '2? other',
      'redirected to a program': '2> say hangup',
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
      'reply say, gather, hangup': '1! replies_without_audio, 2? fallback',
      'reply pause': '1! replies_without_audio, 2? fallback',
      'reply gather': '1! replies_without_audio, 2? fallback',
      'reply redirect': '1! replies_without_audio, 2? fallback',
      'reply reject': '1! replies_without_audio, 2? fallback',
      'bad reply': '1! member_invalid, 2? fallback',
      'no connection': '1! connection_failed, 2? fallback',
      overdue: '1! reply_overdue, 2? fallback',
      redirected: '2? other',
      'redirected to a program': '2! replies_without_audio, 3? fallback',
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
      'reply say, gather, hangup': '1! too_many_replies, x flow_failed',
      'reply pause': '1! too_many_replies, x flow_failed',
      'reply gather': '1! too_many_replies, x flow_failed',
      'reply redirect': '1! too_many_replies, x flow_failed',
      'reply reject': '1! too_many_replies, x flow_failed',
      'bad reply': '1! member_invalid, x flow_failed',
      'no connection': '1! connection_failed, x flow_failed',
      overdue: '1! reply_overdue, x flow_failed',
      redirected: '2? other',
      'redirected to a program': '2! too_many_replies, x flow_failed',
    },
  },
  'playing, nothing next': {
    state: { phase: 'playing', step: 1, next: null, rest: [], ...fresh },
    urls: withFallback,
    on: {
      'ended completed': '1. completed, x flow_hangup',
      'ended failed': '1. failed, 1! action_failed, 2? fallback',
      'ended stopped': '1. stopped, x flow_hangup',
      'ended no_answer': '1. no_answer, x flow_hangup',
      'ended busy': '1. busy, x flow_hangup',
      'ended no_input': '1. no_input, x flow_hangup',
      redirected: '1. stopped, 2? other',
      'redirected to a program': '1. stopped, 2> say hangup',
    },
  },
  'playing, a flow next': {
    state: { phase: 'playing', step: 1, next: request('next'), rest: [], ...fresh },
    urls: withoutFallback,
    on: {
      'ended completed': '1. completed, 2? next',
      'ended failed': '1. failed, 1! action_failed, x flow_failed',
      'ended stopped': '1. stopped, 2? next',
      'ended no_answer': '1. no_answer, 2? next',
      'ended busy': '1. busy, 2? next',
      'ended no_input': '1. no_input, 2? next',
      redirected: '1. stopped, 2? other',
      'redirected to a program': '1. stopped, 2> say hangup',
    },
  },
  streaming: {
    state: { phase: 'streaming', step: 1, next: null, rest: [], ...fresh },
    urls: withFallback,
    on: {
      'ended completed': '1. completed, x flow_hangup',
      'ended failed': '1. failed, 1! action_failed, 2? fallback',
      'ended stopped': '1. stopped, x flow_hangup',
      'ended no_answer': '1. no_answer, x flow_hangup',
      'ended busy': '1. busy, x flow_hangup',
      'ended no_input': '1. no_input, x flow_hangup',
      redirected: '1. stopped, 2? other',
      'redirected to a program': '1. stopped, 2> say hangup',
    },
  },
  'streaming, fallback used': {
    state: { phase: 'streaming', step: 1, next: null, rest: [], ...fresh, fallbackUsed: true },
    urls: withFallback,
    on: {
      'ended completed': '1. completed, x flow_hangup',
      'ended failed': '1. failed, 1! action_failed, x flow_failed',
      'ended stopped': '1. stopped, x flow_hangup',
      'ended no_answer': '1. no_answer, x flow_hangup',
      'ended busy': '1. busy, x flow_hangup',
      'ended no_input': '1. no_input, x flow_hangup',
      redirected: '1. stopped, 2? other',
      'redirected to a program': '1. stopped, 2> say hangup',
    },
  },
  'dialling, nothing nested': {
    state: { phase: 'dialling', step: 1, then: noNested, rest: [], ...fresh },
    urls: withFallback,
    on: {
      'ended completed': '1. completed, x flow_hangup',
      'ended failed': '1. failed, 1! action_failed, 2? fallback',
      'ended stopped': '1. stopped, x flow_hangup',
      'ended no_answer': '1. no_answer, x flow_hangup',
      'ended busy': '1. busy, x flow_hangup',
      'ended no_input': '1. no_input, x flow_hangup',
      redirected: '1. stopped, 2? other',
      'redirected to a program': '1. stopped, 2> say hangup',
    },
  },
  'dialling, nested plays': {
    state: { phase: 'dialling', step: 1, then: nestedPlays, rest: [], ...fresh },
    urls: withFallback,
    on: {
      'ended completed': '1. completed, x flow_hangup',
      'ended failed': '1. failed, 2+ play failed',
      'ended stopped': '1. stopped, x flow_hangup',
      'ended no_answer': '1. no_answer, 2+ play sorry',
      'ended busy': '1. busy, 2+ play busy',
      'ended no_input': '1. no_input, x flow_hangup',
      redirected: '1. stopped, 2? other',
      'redirected to a program': '1. stopped, 2> say hangup',
    },
  },
  'dialling, nested hang-ups': {
    state: {
      phase: 'dialling',
      step: 1,
      then: { onNoAnswer: hangup, onBusy: hangup, onFailure: hangup },
      rest: [],
      ...fresh,
    },
    urls: withFallback,
    on: {
      'ended completed': '1. completed, x flow_hangup',
      'ended failed': '1. failed, x flow_hangup',
      'ended stopped': '1. stopped, x flow_hangup',
      'ended no_answer': '1. no_answer, x flow_hangup',
      'ended busy': '1. busy, x flow_hangup',
      'ended no_input': '1. no_input, x flow_hangup',
      redirected: '1. stopped, 2? other',
      'redirected to a program': '1. stopped, 2> say hangup',
    },
  },
  'playing, speech to follow': {
    state: { phase: 'playing', step: 1, next: null, rest: [say, over], ...fresh },
    urls: withFallback,
    on: {
      'ended completed': '1. completed, 2+ say',
      'ended failed': '1. failed, 1! action_failed, 2? fallback',
      'ended stopped': '1. stopped, 2+ say',
      'ended no_answer': '1. no_answer, 2+ say',
      'ended busy': '1. busy, 2+ say',
      'ended no_input': '1. no_input, 2+ say',
      redirected: '1. stopped, 2? other',
      'redirected to a program': '1. stopped, 2> say hangup',
    },
  },
  'playing, a hang-up to follow': {
    state: { phase: 'playing', step: 1, next: null, rest: [over], ...fresh },
    urls: withFallback,
    on: {
      'ended completed': '1. completed, x flow_hangup',
      'ended failed': '1. failed, 1! action_failed, 2? fallback',
      'ended stopped': '1. stopped, x flow_hangup',
      'ended no_answer': '1. no_answer, x flow_hangup',
      'ended busy': '1. busy, x flow_hangup',
      'ended no_input': '1. no_input, x flow_hangup',
      redirected: '1. stopped, 2? other',
      'redirected to a program': '1. stopped, 2> say hangup',
    },
  },
  'playing, a redirect to follow': {
    state: { phase: 'playing', step: 1, next: null, rest: [redirect, say], ...fresh },
    urls: withFallback,
    on: {
      'ended completed': '1. completed, 2? elsewhere',
      'ended failed': '1. failed, 1! action_failed, 2? fallback',
      'ended stopped': '1. stopped, 2? elsewhere',
      'ended no_answer': '1. no_answer, 2? elsewhere',
      'ended busy': '1. busy, 2? elsewhere',
      'ended no_input': '1. no_input, 2? elsewhere',
      redirected: '1. stopped, 2? other',
      'redirected to a program': '1. stopped, 2> say hangup',
    },
  },
  'playing, a reject to follow': {
    state: { phase: 'playing', step: 1, next: null, rest: [reject], ...fresh },
    urls: withoutFallback,
    on: {
      'ended completed': '1. completed, 1! action_not_available, x flow_failed',
      'ended failed': '1. failed, 1! action_failed, x flow_failed',
      'ended stopped': '1. stopped, 1! action_not_available, x flow_failed',
      'ended no_answer': '1. no_answer, 1! action_not_available, x flow_failed',
      'ended busy': '1. busy, 1! action_not_available, x flow_failed',
      'ended no_input': '1. no_input, 1! action_not_available, x flow_failed',
      redirected: '1. stopped, 2? other',
      'redirected to a program': '1. stopped, 2> say hangup',
    },
  },
  'playing, a request before what follows': {
    state: { phase: 'playing', step: 1, next: request('next'), rest: [say], ...fresh },
    urls: withFallback,
    on: {
      'ended completed': '1. completed, 2? next',
      'ended failed': '1. failed, 1! action_failed, 2? fallback',
      'ended stopped': '1. stopped, 2? next',
      'ended no_answer': '1. no_answer, 2? next',
      'ended busy': '1. busy, 2? next',
      'ended no_input': '1. no_input, 2? next',
      redirected: '1. stopped, 2? other',
      'redirected to a program': '1. stopped, 2> say hangup',
    },
  },
  'gathering, speech to follow': {
    state: { phase: 'gathering', step: 1, next: request('digits'), requestsWithoutInput: false, rest: [say], ...fresh },
    urls: withFallback,
    on: {
      'ended completed': '1. completed, 2? digits',
      'ended failed': '1. failed, 1! action_failed, 2? fallback',
      'ended stopped': '1. stopped, 2? digits',
      'ended no_answer': '1. no_answer, 2? digits',
      'ended busy': '1. busy, 2? digits',
      'ended no_input': '1. no_input, 2+ say',
      redirected: '1. stopped, 2? other',
      'redirected to a program': '1. stopped, 2> say hangup',
    },
  },
  'gathering, nothing to follow': {
    state: { phase: 'gathering', step: 1, next: request('digits'), requestsWithoutInput: false, rest: [], ...fresh },
    urls: withFallback,
    on: {
      'ended completed': '1. completed, 2? digits',
      'ended failed': '1. failed, 1! action_failed, 2? fallback',
      'ended stopped': '1. stopped, 2? digits',
      'ended no_answer': '1. no_answer, 2? digits',
      'ended busy': '1. busy, 2? digits',
      'ended no_input': '1. no_input, x flow_hangup',
      redirected: '1. stopped, 2? other',
      'redirected to a program': '1. stopped, 2> say hangup',
    },
  },
  'gathering, requested without input too': {
    state: { phase: 'gathering', step: 1, next: request('digits'), requestsWithoutInput: true, rest: [say], ...fresh },
    urls: withoutFallback,
    on: {
      'ended completed': '1. completed, 2? digits',
      'ended failed': '1. failed, 1! action_failed, x flow_failed',
      'ended stopped': '1. stopped, 2? digits',
      'ended no_answer': '1. no_answer, 2? digits',
      'ended busy': '1. busy, 2? digits',
      'ended no_input': '1. no_input, 2? digits',
      redirected: '1. stopped, 2? other',
      'redirected to a program': '1. stopped, 2> say hangup',
    },
  },
  'streaming, speech to follow': {
    state: { phase: 'streaming', step: 1, next: null, rest: [say], ...fresh },
    urls: withFallback,
    on: {
      'ended completed': '1. completed, 2+ say',
      'ended failed': '1. failed, 1! action_failed, 2? fallback',
      'ended stopped': '1. stopped, 2+ say',
      'ended no_answer': '1. no_answer, 2+ say',
      'ended busy': '1. busy, 2+ say',
      'ended no_input': '1. no_input, 2+ say',
      redirected: '1. stopped, 2? other',
      'redirected to a program': '1. stopped, 2> say hangup',
    },
  },
  'streaming, a request to follow': {
    state: { phase: 'streaming', step: 1, next: request('after'), rest: [say], ...fresh },
    urls: withFallback,
    on: {
      'ended completed': '1. completed, 2? after',
      'ended failed': '1. failed, 1! action_failed, 2? fallback',
      'ended stopped': '1. stopped, 2? after',
      'ended no_answer': '1. no_answer, 2? after',
      'ended busy': '1. busy, 2? after',
      'ended no_input': '1. no_input, 2? after',
      redirected: '1. stopped, 2? other',
      'redirected to a program': '1. stopped, 2> say hangup',
    },
  },
  'dialling, speech to follow': {
    state: { phase: 'dialling', step: 1, then: noNested, rest: [say], ...fresh },
    urls: withFallback,
    on: {
      'ended completed': '1. completed, 2+ say',
      'ended failed': '1. failed, 1! action_failed, 2? fallback',
      'ended stopped': '1. stopped, 2+ say',
      'ended no_answer': '1. no_answer, 2+ say',
      'ended busy': '1. busy, 2+ say',
      'ended no_input': '1. no_input, 2+ say',
      redirected: '1. stopped, 2? other',
      'redirected to a program': '1. stopped, 2> say hangup',
    },
  },
  'dialling, nested plays, speech to follow': {
    state: { phase: 'dialling', step: 1, then: nestedPlays, rest: [say], ...fresh },
    urls: withFallback,
    on: {
      'ended completed': '1. completed, 2+ say',
      'ended failed': '1. failed, 2+ play failed',
      'ended stopped': '1. stopped, 2+ say',
      'ended no_answer': '1. no_answer, 2+ play sorry',
      'ended busy': '1. busy, 2+ play busy',
      'ended no_input': '1. no_input, 2+ say',
      redirected: '1. stopped, 2? other',
      'redirected to a program': '1. stopped, 2> say hangup',
    },
  },
  'not answered yet, a program': {
    state: { phase: 'waiting' },
    urls: { flow: { kind: 'program', program: [say, gather] }, fallback: null },
    on: { answered: '1> say gather' },
  },
  'not answered yet, a program that redirects': {
    state: { phase: 'waiting' },
    urls: { flow: { kind: 'program', program: [redirect] }, fallback: null },
    on: { answered: '1> redirect, 2? elsewhere' },
  },
  'not answered yet, a program that rejects': {
    state: { phase: 'waiting' },
    urls: { flow: { kind: 'program', program: [reject] }, fallback: request('fallback') },
    on: { answered: '1! action_not_available, 2? fallback' },
  },
  over: { state: { phase: 'ended' }, urls: withFallback, on: {} },
};

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
});
