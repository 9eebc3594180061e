import { describe, expect, it } from '@jest/globals';
import { exampleHistory, examplePlaceCall, exampleProgress, nine } from '@ringfence/testing/examples';
import { addDuration, durationMs } from '@ringfence/kernel/units';
import type { HangUpReason } from './call.events.js';
import { accountModel, type AccountStreamEvent } from '../streams/account/account-stream.js';
import type { AccountState } from '../streams/account/account-state.js';
import type { CallSignal } from './call.commands.js';

const command = examplePlaceCall(nine);
const ended = (talk: number, cause: Extract<CallSignal, { kind: 'ended' }>['cause'] = 'callee_hangup'): CallSignal => ({
  kind: 'ended',
  cause,
  endedBy: 'callee',
  talkTimeMs: durationMs(talk),
});
const ringing: CallSignal = { kind: 'ringing' };
const answered: CallSignal = { kind: 'answered' };

/** The placed call, after these signals. */
function after(...signals: readonly CallSignal[]): { state: AccountState; events: readonly AccountStreamEvent[] } {
  let state = exampleHistory().reduce<AccountState>(accountModel.evolve, accountModel.initialState);
  const events: AccountStreamEvent[] = [];
  const take = (one: Parameters<typeof accountModel.decide>[0]) => {
    const decision = accountModel.decide(one, state);
    const added = decision.accepted ? decision.events : decision.trace;
    events.push(...added);
    state = added.reduce(accountModel.evolve, state);
  };
  take(command);
  signals.forEach((signal, index) => {
    take(exampleProgress(command, signal, addDuration(nine, durationMs(1_000 * (index + 1)))));
  });
  return { state, events };
}

describe('the life of a call', () => {
  it.each([
    { signals: [ringing], then: ['CallRinging'], because: 'it rings' },
    { signals: [ringing, ringing], then: ['CallRinging'], because: 'it rings already' },
    { signals: [ringing, answered], then: ['CallRinging', 'CallAnswered'], because: 'it was answered' },
    { signals: [answered], then: ['CallAnswered'], because: 'it was answered before anybody heard it ring' },
    { signals: [answered, ringing], then: ['CallAnswered'], because: 'ringing comes too late' },
    { signals: [answered, answered], then: ['CallAnswered'], because: 'it is answered already' },
    { signals: [ended(0, 'busy')], then: ['CallFailed'], because: 'it was never answered' },
    { signals: [ringing, ended(0, 'no_answer')], then: ['CallRinging', 'CallFailed'], because: 'nobody came' },
    { signals: [answered, ended(10_000)], then: ['CallAnswered', 'CallCompleted'], because: 'they talked' },
    { signals: [ended(10_000)], then: ['CallCompleted'], because: 'talk proves an answer that was lost on the way' },
    {
      signals: [ended(10_000), answered, ringing],
      then: ['CallCompleted'],
      because: 'what comes after the end is late',
    },
    { signals: [answered, ended(5), ended(7)], then: ['CallAnswered', 'CallCompleted'], because: 'a call ends once' },
    { signals: [ended(0), ended(7)], then: ['CallFailed'], because: 'the first end counts' },
  ])('goes $then: $because', ({ signals, then }) => {
    // Each answer begins the flow: flow-machine.spec.ts and call-flow.spec.ts say what becomes of it.
    const types = after(...signals).events.map(({ type }) => type);
    expect(types.filter((type) => type !== 'CallFlowRequested')).toEqual(['CallPlaced', ...then]);
  });

  it('charges what was talked and releases the rest', () => {
    const { state, events } = after(answered, ended(10_001));
    expect(events.at(-1)).toMatchObject({
      type: 'CallCompleted',
      talkTimeMs: 10_001,
      billedMs: 11_000,
      chargedMicros: 2_200n,
      releasedMicros: 57_800n,
      cause: 'callee_hangup',
    });
    expect(state.books.test).toEqual({ availableMicros: 99_997_800n, reservedMicros: 0n });
  });

  it('charges at most the time that was authorised, whatever a worker says', () => {
    expect(after(answered, ended(9_999_999)).events.at(-1)).toMatchObject({
      talkTimeMs: 300_000,
      chargedMicros: 60_000n,
      releasedMicros: 0n,
    });
  });

  it('charges nothing for a call that was not answered', () => {
    const { state, events } = after(ringing, ended(0, 'no_answer'));
    expect(events.at(-1)).toMatchObject({ type: 'CallFailed', cause: 'no_answer', releasedMicros: 60_000n });
    expect(state.books.test).toEqual({ availableMicros: 100_000_000n, reservedMicros: 0n });
  });

  it('distinguishes a signal that is late from one for a call that never was, and from one of another attempt', () => {
    const late = (state: AccountState, progress: typeof command) =>
      accountModel.decide(exampleProgress(progress, answered, nine), state);
    const stranger = examplePlaceCall(nine);
    expect(late(after(ended(0)).state, command)).toMatchObject({ refusal: { code: 'progress_already_recorded' } });
    expect(late(after().state, stranger)).toMatchObject({ refusal: { code: 'call_unknown' } });
    expect(late(after().state, { ...command, attemptId: stranger.attemptId })).toMatchObject({
      refusal: { code: 'attempt_mismatch' },
    });
  });

  it.each<[HangUpReason, string]>([
    ['requested', 'caller_hangup'],
    ['key_revoked', 'key_revoked'],
    ['account_suspended', 'account_suspended'],
    ['ring_timeout', 'no_answer'],
    ['maximum_duration', 'authorised_time_ended'],
  ])('that was hung up because of %s ends by %s', (reason, cause) => {
    const { state } = after(answered);
    const { callId, legId } = command;
    const keyId = state.calls.get(callId)?.authority.keyId;
    if (keyId === undefined) throw new Error('the call is live');
    const hung = accountModel.evolve(state, {
      type: 'CallHangUpRequested',
      callId,
      legId,
      keyId,
      reason,
      requestedAtMs: nine,
    });
    const decision = accountModel.decide(exampleProgress(command, ended(5, 'caller_hangup'), nine), hung);
    expect(decision).toMatchObject({ events: [{ type: 'CallCompleted', cause }] });
    const byCallee = accountModel.decide(exampleProgress(command, ended(5, 'callee_hangup'), nine), hung);
    expect(byCallee).toMatchObject({ events: [{ cause: 'callee_hangup' }] });
  });
});
