import { describe, expect, it } from '@jest/globals';
import { addDuration, durationMs, micros, zeroMicros } from '@ringfence/kernel/units';
import { exampleEvents } from '@ringfence/testing/example-events';
import {
  exampleAppCreated,
  exampleAppId,
  exampleHistory,
  exampleKeyId,
  exampleKeyIssued,
  exampleOpened,
  examplePlaceCall,
  exampleUnbounded,
  exampleVerified,
  nine,
} from '@ringfence/testing/examples';
import { PredictableIds } from '@ringfence/testing/predictable-ids';
import fc from 'fast-check';
import type { VoiceAppSettings } from '../apps/voice-app.events.js';
import type { KeyPolicy } from '../keys/key-policy.js';
import type { AccountState } from '../streams/account/account-state.js';
import { accountModel, type AccountStreamCommand, type AccountStreamEvent } from '../streams/account/account-stream.js';
import type { CallSignal, ReceiveCall } from './call.commands.js';

const ids = new PredictableIds(8_800);
const worker = { kind: 'worker', workerId: 'wrk_spec' } as const;
const number = exampleEvents.NumberReceived;
const { numberId } = number;

function incoming(seconds = 0, more: Partial<ReceiveCall> = {}): ReceiveCall {
  const nowMs = addDuration(nine, durationMs(seconds * 1_000));
  const {
    routes: _routes,
    flowUrl: _flow,
    statusCallbackUrl: _callback,
    record: _record,
    ...placed
  } = examplePlaceCall(nowMs, {}, ids);
  const to = { clear: '+15005550199', sealed: number.ownNumber };
  return { ...placed, to, type: 'ReceiveCall', principal: worker, ...more };
}

const app = (settings: Partial<VoiceAppSettings> = {}) => ({
  ...exampleAppCreated({ answeringKeyId: exampleKeyId, channelLimit: null, ...settings }),
  numberIds: [numberId],
});
const key = (policy: Partial<KeyPolicy> = {}) =>
  exampleHistory({ ...exampleUnbounded, scopes: ['calls:receive'], ...policy });
const ready = [...key(), number, app()];
const stateAfter = (events: readonly AccountStreamEvent[]) =>
  events.reduce<AccountState>(accountModel.evolve, accountModel.initialState);
const decide = (events: readonly AccountStreamEvent[], command: AccountStreamCommand) =>
  accountModel.decide(command, stateAfter(events));

describe('an incoming call', () => {
  it('is received under the key of the app of the number, with the flow of the app', () => {
    const command = incoming();
    expect(decide(ready, command)).toMatchObject({
      accepted: true,
      events: [
        {
          type: 'CallReceived',
          ...{ callId: command.callId, attemptId: command.attemptId, keyId: exampleKeyId, mode: 'test' },
          ...{ numberId, voiceAppId: exampleAppId, flowUrl: app().settings.flowUrl, to: number.ownNumber },
          authorisedForMs: durationMs(300_000),
          reservedMicros: micros(60_000n),
        },
      ],
    });
  });

  it('takes a line and money until it has ended, and runs its flow once it is answered', () => {
    const command = incoming();
    const { callId, attemptId, accountId } = command;
    const on = (state: AccountState, next: AccountStreamCommand) => {
      const decision = accountModel.decide(next, state);
      expect(decision).toMatchObject({ accepted: true });
      return decision.accepted ? decision.events : [];
    };
    const signal = (said: CallSignal): AccountStreamCommand => ({
      ...{ type: 'RecordCallProgress', accountId, callId, attemptId, signal: said, nowMs: command.nowMs },
      principal: worker,
    });
    const before = stateAfter(ready);
    const received = on(before, command).reduce(accountModel.evolve, before);
    expect(received.modes.test.lines).toBe(1);
    expect(received.books.test.availableMicros).toBe(before.books.test.availableMicros - 60_000n);
    const events = on(received, signal({ kind: 'answered' }));
    expect(events.map(({ type }) => type)).toEqual(['CallAnswered', 'CallFlowRequested']);
    const answered = events.reduce(accountModel.evolve, received);
    const end = { kind: 'ended', cause: 'caller_hangup', endedBy: 'caller', talkTimeMs: durationMs(0) } as const;
    const over = on(answered, signal(end)).reduce(accountModel.evolve, answered);
    expect(over.modes.test.lines).toBe(0);
    expect(over.calls.size).toBe(0);
    expect(over.appCalls.size).toBe(0);
  });

  it('makes one call, however often it is signalled', () => {
    const command = incoming();
    const first = decide(ready, command);
    if (!first.accepted) throw new Error(first.refusal.code);
    expect(decide([...ready, ...first.events], command)).toMatchObject({ refusal: { code: 'call_already_received' } });
  });

  it('is signalled by workers alone', () => {
    const principal = { kind: 'key', keyId: exampleKeyId, home: 'account' } as const;
    expect(decide(ready, incoming(0, { principal }))).toMatchObject({ refusal: { code: 'presenter_not_allowed' } });
  });
});

const call = { ...exampleEvents.CallReceived, receivedAtMs: nine };
const inactive = app({ status: 'inactive' });
describe('is refused, and recorded under the answering key, for', () => {
  it.each<[string, readonly AccountStreamEvent[], string]>([
    ['a revoked key', [...ready, exampleEvents.KeyRevoked], 'key_revoked'],
    ['an expired key', [...key({ expiresAtMs: nine }), number, app()], 'key_expired'],
    ['a key without the scope', [...key({ scopes: ['calls:write'] }), number, app()], 'scope_missing'],
    [
      'an account that is not verified',
      [exampleOpened, exampleKeyIssued({ scopes: ['calls:receive'] }), number, app()],
      'account_not_verified',
    ],
    ['a suspended account', [...ready, exampleEvents.AccountSuspended], 'account_suspended'],
    ['an inactive app', [...key(), number, inactive], 'voice_app_inactive'],
    [
      'more calls a second than the key may have',
      [...key({ callsPerSecond: 1, burstCalls: 1 }), number, app(), call],
      'rate_limited',
    ],
    ['more lines than the key has', [...key({ linesMax: 0 }), number, app()], 'lines_exhausted'],
    ['more calls than the app may have', [...key(), number, app({ channelLimit: 1 }), call], 'app_channels_exhausted'],
    ['a key that has used up its calls', [...key({ callsMax: 0 }), number, app()], 'key_cap_reached'],
    ['the spend of the day', [...key({ dailySpendMicrosMax: zeroMicros }), number, app()], 'daily_spend_exceeded'],
    [
      'a balance that does not cover it',
      [exampleOpened, exampleVerified, exampleKeyIssued({ scopes: ['calls:receive'] }), number, app()],
      'balance_insufficient',
    ],
  ])('%s', (_why, history, code) => {
    expect(decide(history, incoming())).toMatchObject({
      accepted: false,
      refusal: { code },
      trace: [{ type: 'CallRefused', presentedKeyId: exampleKeyId, mode: 'test', code, to: number.ownNumber }],
    });
  });

  it('many calls in one second, of which the first is recorded in full', () => {
    const history = [...key({ linesMax: 0 }), number, app()];
    const before = stateAfter(history);
    const first = accountModel.decide(incoming(), before);
    if (first.accepted) throw new Error('it is refused');
    const after = accountModel.afterRefusal(
      incoming(),
      first.trace.reduce<AccountState>(accountModel.evolve, before),
      first.refusal,
    );
    expect(accountModel.decide(incoming(), after)).toMatchObject({ accepted: false, trace: [] });
  });
});

describe('is refused, and recorded as a rejected command, where no key answers:', () => {
  it.each<[string, readonly AccountStreamEvent[], string]>([
    ['the number is assigned to nothing', [...key(), number], 'number_not_assigned'],
    ['the app is of the other mode', [...key(), number, { ...app(), mode: 'live' }], 'number_not_assigned'],
    ['the app names no key', [...key(), number, app({ answeringKeyId: null })], 'answering_key_missing'],
  ])('%s', (_why, history, code) => {
    expect(decide(history, incoming())).toMatchObject({
      accepted: false,
      refusal: { code },
      trace: [{ type: 'CommandTurnedAway', presentedKeyId: null, code, commandType: 'receive_call' }],
    });
  });

  it('the account does not have the number, and then nothing is recorded', () => {
    expect(decide(key(), incoming())).toMatchObject({
      accepted: false,
      refusal: { code: 'number_unknown' },
      trace: [],
    });
  });
});

it('leaves no line and no reservation behind, whatever becomes of the calls', () => {
  const fate = fc.constantFrom('caller', 'callee', 'unanswered', 'lost');
  fc.assert(
    fc.property(fc.array(fate, { maxLength: 12 }), fc.boolean(), (fates, isRevoked) => {
      let state = stateAfter([...key({ linesMax: 5 }), number, app()]);
      const credit = state.books.test.availableMicros;
      const take = (command: AccountStreamCommand) => {
        const decision = accountModel.decide(command, state);
        const events = decision.accepted ? decision.events : decision.trace;
        state = events.reduce<AccountState>(accountModel.evolve, state);
        return decision;
      };
      let charged = 0n;
      const live = fates.flatMap((each, at) => {
        const command = incoming(at);
        return take(command).accepted ? [{ command, fate: each }] : [];
      });
      expect(state.modes.test.lines).toBe(Math.min(5, fates.length));
      if (isRevoked) state = accountModel.evolve(state, exampleEvents.KeyRevoked);
      for (const { command, fate: its } of live) {
        const { accountId, callId, attemptId } = command;
        const nowMs = addDuration(nine, durationMs(60_000));
        const report = (signal: CallSignal) =>
          take({ type: 'RecordCallProgress', accountId, callId, attemptId, signal, nowMs, principal: worker });
        if (its === 'caller' || its === 'callee') report({ kind: 'answered' });
        const cause = {
          caller: 'caller_hangup',
          callee: 'callee_hangup',
          unanswered: 'no_answer',
          lost: 'carrier_unknown',
        } as const;
        const talkTimeMs = durationMs(its === 'caller' ? 7_000 : 0);
        const ended = report({ kind: 'ended', cause: cause[its], endedBy: 'caller', talkTimeMs });
        if (ended.accepted)
          for (const event of ended.events) if (event.type === 'CallCompleted') charged += event.chargedMicros;
      }
      expect(state.modes.test.lines).toBe(0);
      expect(state.calls.size + state.appCalls.size).toBe(0);
      expect(state.books.test.availableMicros).toBe(credit - charged);
    }),
    { numRuns: 60 },
  );
});
