import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { actionOutcomes } from './flow-action.js';
import { faultOf, flowFaultCodes } from './flow-fault.js';
import {
  dial,
  ended,
  gather,
  inputNames,
  inputs,
  inWords,
  pause,
  play,
  redirect,
  reply,
  say,
  stream,
  withFallback,
  withoutFallback,
} from './flow-cases.contract.js';
import {
  decideFlow,
  evolveFlow,
  flowRepliesMax,
  silentRepliesMax,
  type FlowFact,
  type FlowInput,
  type FlowSources,
  type FlowState,
} from './flow-machine.js';

describe('a walk through a flow', () => {
  const walk = (urls: FlowSources<string>, ...through: readonly FlowInput<string>[]) => {
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
      { kind: 'replied', step: 1, program: [play('second')] },
      ended('completed'),
      { kind: 'replied', step: 2, program: [stream] },
    );
    expect(facts).toEqual(['1? flow', '1> play', '1. completed', '2? second', '2> stream']);
    expect(state).toMatchObject({ phase: 'streaming', step: 2, replies: 2, silentReplies: 1 });
  });

  it('dials, and plays what is nested for a busy number, then hangs up', () => {
    const { state, facts } = walk(
      withFallback,
      inputs.answered,
      { kind: 'replied', step: 1, program: [dial({ onBusy: play(null, 'sorry') })] },
      ended('busy', 0),
      ended('completed', 1_000, 2),
    );
    expect(facts).toEqual(['1? flow', '1> dial', '1. busy', '2+ play sorry', '2. completed', 'x flow_hangup']);
    expect(state).toEqual({ phase: 'ended' });
  });

  it('does the actions of a reply one after the other, and then hangs up', () => {
    const { state, facts } = walk(
      withFallback,
      inputs.answered,
      reply(say, pause, play(null, 'music')),
      ended('completed'),
      ended('completed', 1_000, 2),
      ended('completed', 1_000, 2),
      ended('completed', 1_000, 3),
    );
    expect(facts).toEqual([
      '1? flow',
      '1> say pause play',
      '1. completed',
      '2+ pause',
      '2. completed',
      '3+ play music',
      '3. completed',
      'x flow_hangup',
    ]);
    expect(state).toEqual({ phase: 'ended' });
  });

  it('falls through a gather that nobody answers, and drops the rest for digits', () => {
    const program = reply(gather, say, redirect);
    const silent = walk(withFallback, inputs.answered, program, ended('no_input'), ended('completed', 1_000, 2));
    expect(silent.facts.slice(2)).toEqual(['1. no_input', '2+ say', '2. completed', '3? elsewhere']);
    const pressed = walk(withFallback, inputs.answered, program, ended('completed'));
    expect(pressed.facts.slice(2)).toEqual(['1. completed', '2? digits']);
    expect(pressed.state).toMatchObject({ phase: 'requesting', step: 2 });
  });

  it('leaves the rest of a program when a nested action of its dial begins', () => {
    const { facts } = walk(
      withFallback,
      inputs.answered,
      reply(dial({ onBusy: play(null, 'sorry') }), say),
      ended('busy', 0),
      ended('completed', 1_000, 2),
    );
    expect(facts.slice(2)).toEqual(['1. busy', '2+ play sorry', '2. completed', 'x flow_hangup']);
  });

  it(`ends redirects that lead to redirects after ${String(silentRepliesMax)}`, () => {
    const chain = Array.from({ length: silentRepliesMax + 1 }, (_, at): FlowInput<string> => {
      return { kind: 'replied', step: at + 1, program: [redirect] };
    });
    const { facts } = walk(withoutFallback, inputs.answered, ...chain);
    expect(facts.filter((fact) => fact.endsWith('> redirect'))).toHaveLength(silentRepliesMax);
    expect(facts.slice(-2)).toEqual([`${String(silentRepliesMax + 1)}! replies_without_audio`, 'x flow_failed']);
  });

  it('does not count what a mutation stopped among the replies without audio', () => {
    const mutations = Array.from({ length: 3 * silentRepliesMax }, (): FlowInput<string> => {
      return { kind: 'redirected', flow: { kind: 'program', program: [stream] } };
    });
    const { state } = walk(withoutFallback, inputs.answered, inputs['reply stream'], ...mutations);
    expect(state).toMatchObject({ phase: 'streaming', silentReplies: 1 });
  });

  it('requests the fallback once: a failure of its action ends the call', () => {
    const { facts } = walk(
      withFallback,
      inputs.answered,
      inputs['no connection'],
      { kind: 'replied', step: 2, program: [stream] },
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
      { kind: 'replied', step: at + 1, program: [play('again')] },
      ended('completed', audioMs, at + 1),
    ]);
    const { facts } = walk(withoutFallback, inputs.answered, ...forEver.flat());
    expect(facts.filter((fact) => fact.endsWith('> play'))).toHaveLength(replies);
    expect(facts.at(-1)).toBe('x flow_failed');
  });

  const anyInput = fc.oneof(
    fc.constantFrom(...inputNames).map((name): FlowInput<string> => inputs[name]),
    fc
      .nat({ max: 6 })
      .map((step): FlowInput<string> => ({ kind: 'replied', step, program: [play('next'), gather, redirect] })),
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
