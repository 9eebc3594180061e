import { describe, expect, it } from '@jest/globals';
import {
  exampleCalendar,
  byExampleKey,
  exampleAccountId,
  exampleHistory,
  exampleKeyIssued,
  exampleOpened,
  examplePlaceCall,
  exampleProgress,
  exampleVerified,
  exampleCredit,
  nine,
} from '@ringfence/testing/examples';
import { exampleFlowReply } from '@ringfence/testing/flow-examples';
import { scenariosFor } from '@ringfence/testing/scenarios';
import { addDuration, durationMs, micros, type EpochMs } from '@ringfence/kernel/units';
import type { SetAccountLimits } from '../../accounts/account.commands.js';
import { platformLimits } from '../../limits/account-limits.js';
import type { Principal } from '../../shared/values.js';
import { accountModel, type AccountStreamCommand, type AccountStreamEvent } from './account-stream.js';
import type { AccountState } from './account-state.js';
import { callMsMax } from '../../calls/call-timers.js';

const given = scenariosFor(accountModel);
const operator: Principal = { kind: 'operator', name: 'ops' };
const accountId = exampleAccountId;
const roomy = { linesMax: 1_000, callsPerSecond: 1_000, burstCalls: 1_000 } as const;
const after = (ms: number): EpochMs => addDuration(nine, durationMs(ms));

function set(change: Partial<SetAccountLimits>, principal: Principal = operator): SetAccountLimits {
  return {
    type: 'SetAccountLimits',
    accountId,
    mode: 'test',
    callsPerSecond: null,
    burstCalls: null,
    linesMax: null,
    dailySpendMicrosMax: null,
    dailySpendUnlimited: false,
    nowMs: nine,
    principal,
    ...change,
  };
}

/** One account through a row of commands, each of which has to be accepted. */
class ScriptedAccount {
  state: AccountState = exampleHistory(roomy).reduce(accountModel.evolve, accountModel.initialState);

  does(command: AccountStreamCommand): readonly AccountStreamEvent[] {
    const decision = accountModel.decide(command, this.state);
    if (!decision.accepted) throw new Error(`${command.type}: ${decision.refusal.code} ${decision.refusal.detail}`);
    this.state = decision.events.reduce(accountModel.evolve, this.state);
    return decision.events;
  }

  calls(count: number, nowMs: EpochMs = nine): void {
    for (let at = 0; at < count; at += 1) this.does(examplePlaceCall(nowMs));
  }

  refusalOfCall(nowMs: EpochMs = nine) {
    const decision = accountModel.decide(examplePlaceCall(nowMs), this.state);
    return decision.accepted ? undefined : decision.refusal;
  }
}

describe('SetAccountLimits', () => {
  it('takes an account from one line to 500 and back, each in one command and in force with the next call', () => {
    const account = new ScriptedAccount();
    account.does(set({ linesMax: 1 }));
    account.calls(1);
    expect(account.refusalOfCall()).toMatchObject({
      code: 'lines_exhausted',
      limit: { name: 'account_lines', max: '1', used: '1' },
    });
    account.does(set({ linesMax: 500 }));
    account.calls(499);
    expect(account.refusalOfCall()).toMatchObject({ code: 'lines_exhausted', limit: { max: '500', used: '500' } });
    const lowered = account.does(set({ linesMax: 1 }));
    expect(lowered.map(({ type }) => type)).toEqual(['AccountLimitsSet']);
    expect(account.state.calls.size).toBe(500);
    expect(account.state.calls.every(({ hangUp }) => hangUp === null)).toBe(true);
    expect(account.refusalOfCall()).toMatchObject({ code: 'lines_exhausted', limit: { max: '1', used: '500' } });
  });

  it('bounds calls per second and burst of all keys together, and forgives no flood when they change', () => {
    const account = new ScriptedAccount();
    account.does(set({ callsPerSecond: 2, burstCalls: 3 }));
    account.calls(3);
    expect(account.refusalOfCall()).toMatchObject({
      code: 'rate_limited',
      retryAfterMs: 500,
      limit: { name: 'account_calls_per_second', max: '2' },
    });
    account.does(set({ callsPerSecond: 1, burstCalls: 1 }));
    expect(account.refusalOfCall(after(1_000))).toMatchObject({ code: 'rate_limited' });
    expect(account.refusalOfCall(after(1_500))).toBeUndefined();
  });

  it('bounds the money of a day, reservations included, of all keys together', () => {
    const account = new ScriptedAccount();
    account.calls(1);
    const spent = account.state.modes.test.spend?.spentMicros ?? micros(0n);
    expect(spent > 0n).toBe(true);
    account.does(set({ dailySpendMicrosMax: spent }));
    expect(account.refusalOfCall()).toMatchObject({
      code: 'daily_spend_exceeded',
      limit: { name: 'account_daily_spend_micros', max: String(spent), used: String(spent) },
    });
    expect(account.refusalOfCall(after(86_400_000))).toBeUndefined();
    account.does(set({ dailySpendUnlimited: true }));
    expect(account.refusalOfCall()).toBeUndefined();
  });

  it('never lets the calls of a day cost more than the account may, and gives back what was not used', () => {
    const account = new ScriptedAccount();
    const max = micros(200_000n);
    account.does(set({ dailySpendMicrosMax: max }));
    let placed = 0;
    while (account.refusalOfCall() === undefined) {
      account.calls(1);
      placed += 1;
      expect((account.state.modes.test.spend?.spentMicros ?? 0n) <= max).toBe(true);
    }
    expect(placed).toBeGreaterThan(1);
    const [call] = account.state.calls.values();
    if (call === undefined) throw new Error('a call lives');
    account.does(
      exampleProgress(call, { kind: 'ended', cause: 'busy', endedBy: 'callee', talkTimeMs: durationMs(0) }, nine),
    );
    expect(account.refusalOfCall()).toBeUndefined();
  });

  it('lowered, cuts no live call: it is extended as far as before, to its longest', () => {
    const lasts = (lowered: boolean): number => {
      const account = new ScriptedAccount();
      account.calls(1);
      const [call] = account.state.calls.values();
      if (call === undefined) throw new Error('a call lives');
      account.does(exampleProgress(call, { kind: 'answered' }, nine));
      account.does(exampleFlowReply(call, nine));
      if (lowered)
        account.does(set({ linesMax: 0, callsPerSecond: 1, burstCalls: 1, dailySpendMicrosMax: micros(0n) }));
      for (
        let dueMs = accountModel.nextDueMs(account.state);
        dueMs !== null;
        dueMs = accountModel.nextDueMs(account.state)
      ) {
        const before = account.state.calls.get(call.callId)?.authorisedForMs;
        const decision = accountModel.decide(
          { type: 'ActOnTime', calendar: exampleCalendar, nowMs: dueMs, principal: { kind: 'timer' } },
          account.state,
        );
        if (!decision.accepted || decision.events[0].type !== 'CallExtended') return before ?? 0;
        account.state = decision.events.reduce(accountModel.evolve, account.state);
      }
      return 0;
    };
    expect(lasts(true)).toBe(callMsMax);
    expect(lasts(true)).toBe(lasts(false));
  });

  it('bounds the calls of its own mode alone', () => {
    const account = new ScriptedAccount();
    account.does(set({ mode: 'live', linesMax: 0, callsPerSecond: 1, dailySpendMicrosMax: micros(0n) }));
    expect(account.refusalOfCall()).toBeUndefined();
    expect(account.state.modes.test.limits).toEqual(platformLimits);
  });

  it('leaves what it does not name as it is, and is refused where it makes no sense', () => {
    const account = new ScriptedAccount();
    account.does(set({ linesMax: 7, dailySpendMicrosMax: micros(9n) }));
    const [event] = account.does(set({ callsPerSecond: 3, burstCalls: 4 }));
    const limits = { linesMax: 7, callsPerSecond: 3, burstCalls: 4, dailySpendMicrosMax: micros(9n) };
    expect(event).toEqual({
      type: 'AccountLimitsSet',
      accountId,
      mode: 'test',
      limits,
      approved: limits,
      setAtMs: nine,
    });
    for (const wrong of [
      { callsPerSecond: 0 },
      { callsPerSecond: 10_001 },
      { burstCalls: 0 },
      { burstCalls: 10_001 },
      { linesMax: -1 },
      { linesMax: 100_001 },
      { linesMax: Number.NaN },
      { dailySpendMicrosMax: micros(-1n) },
    ])
      given(...exampleHistory())
        .when(set(wrong))
        .thenRefused({ code: 'limits_invalid' });
    given()
      .when(set({ linesMax: 1 }))
      .thenRefused({ code: 'account_unknown' });
  });

  it('lets the account’s own live key move within what an operator has approved, and no further', () => {
    const live: AccountStreamEvent = { ...exampleKeyIssued({ scopes: ['accounts:admin'] }), mode: 'live' };
    const history = [exampleOpened, exampleVerified, exampleCredit, live] as const;
    const approved = { ...platformLimits, linesMax: 20, dailySpendMicrosMax: micros(100n) };
    const approval: AccountStreamEvent = {
      type: 'AccountLimitsSet',
      accountId,
      mode: 'test',
      limits: approved,
      approved,
      setAtMs: nine,
    };
    const lowered: AccountStreamEvent = { ...approval, limits: { ...approved, linesMax: 2 } };
    given(...history, approval)
      .when(set({ linesMax: 2 }, byExampleKey))
      .then(lowered);
    given(...history, approval, lowered)
      .when(set({ linesMax: 20 }, byExampleKey))
      .then(approval);
    for (const wider of [{ linesMax: 21 }, { dailySpendMicrosMax: micros(101n) }, { dailySpendUnlimited: true }])
      given(...history, approval)
        .when(set(wider, byExampleKey))
        .thenRefused({ code: 'limits_not_approved' });
    // Nothing was approved yet: what the platform allows everybody is.
    given(...history)
      .when(set({ linesMax: 500 }, byExampleKey))
      .then({ ...approval, limits: { ...platformLimits, linesMax: 500 }, approved: platformLimits });
  });

  it('is part of a snapshot', () => {
    const account = new ScriptedAccount();
    account.does(set({ linesMax: 1, dailySpendMicrosMax: micros(90_000_000n) }));
    account.calls(1);
    const restored = accountModel.restore([...accountModel.snapshot(account.state)]);
    expect(restored.modes).toEqual(account.state.modes);
    expect(restored.calls.toJS()).toEqual(account.state.calls.toJS());
  });
});
