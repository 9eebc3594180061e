import { describe, expect, it } from '@jest/globals';
import {
  exampleAppCreated,
  exampleCalendar,
  byExampleKey,
  exampleAccountId,
  exampleCredit,
  exampleDestination,
  exampleHistory,
  exampleKeyId,
  exampleKeyIssued,
  exampleOpened,
  examplePlaceCall,
  exampleVerified,
  nine,
  sealedExample,
} from '@ringfence/testing/examples';
import { exampleEvents } from '@ringfence/testing/example-events';
import { PredictableIds } from '@ringfence/testing/predictable-ids';
import { scenariosFor } from '@ringfence/testing/scenarios';
import { addDuration, durationMs, epochMs, micros } from '@ringfence/kernel/units';
import type { KeyPolicy } from '../keys/key-policy.js';
import { platformLimits } from '../limits/account-limits.js';
import type { Usage } from '../limits/usage.js';
import type { Mode } from '../shared/values.js';
import { accountModel, type AccountStreamEvent } from '../streams/account/account-stream.js';
import type { AccountState } from '../streams/account/account-state.js';
import type { VoiceAppSettings } from '../apps/voice-app.events.js';
import type { PlaceCall } from './call.commands.js';
import type { CallPlaced } from './call.events.js';
import { callRefusalCodes, type CallRefusalCode } from './call-refusals.js';

const given = scenariosFor(accountModel);
const inOneSecond = addDuration(nine, durationMs(1_000));

function folded(...events: readonly AccountStreamEvent[]): AccountState {
  return events.reduce(accountModel.evolve, accountModel.initialState);
}

/** The events of one accepted call. */
function placedBy(command: PlaceCall, ...history: readonly AccountStreamEvent[]): CallPlaced {
  const decision = accountModel.decide(command, folded(...history));
  const [event] = decision.accepted ? decision.events : [];
  if (event?.type !== 'CallPlaced') throw new Error(`expected a call, got ${JSON.stringify(decision)}`);
  return event;
}

describe('PlaceCall', () => {
  it('reserves what five minutes cost and records what that rests on', () => {
    const command = examplePlaceCall(nine);
    const { callId, legId, attemptId, from, to, flowUrl, ringTimeoutMs } = command;
    const rate = command.rateDecks.quote('15005550000', 'USD', nine);
    if (rate === undefined) throw new Error('the example deck prices the sandbox');
    given(...exampleHistory())
      .when(command)
      .then({
        type: 'CallPlaced',
        callId,
        legId,
        attemptId,
        accountId: exampleAccountId,
        keyId: exampleKeyId,
        mode: 'test',
        project: 'switchboard',
        application: 'reminders',
        voiceAppId: null,
        from: from.sealed,
        to: to.sealed,
        flowUrl,
        statusCallbackUrl: null,
        record: true,
        ringTimeoutMs,
        rate,
        destination: exampleDestination,
        candidates: [{ trunk: 'sandbox', tier: 'standard', rank: 1 }],
        authorisedForMs: durationMs(300_000),
        reservedMicros: micros(60_000n),
        localDay: '2026-09-21' as CallPlaced['localDay'],
        zoneData: exampleCalendar.version,
        placedAtMs: nine,
      });
  });

  it('authorises less when the balance buys less', () => {
    const [opened, verified, credit, key] = exampleHistory();
    const poor = { ...credit, amountMicros: micros(1_000n) };
    const placed = placedBy(examplePlaceCall(nine), opened, verified, poor, key);
    expect(placed).toMatchObject({ authorisedForMs: 5_000, reservedMicros: 1_000n });
  });

  it('authorises less when the day has less left', () => {
    const placed = placedBy(examplePlaceCall(nine), ...exampleHistory({ dailySpendMicrosMax: micros(2_000n) }));
    expect(placed).toMatchObject({ authorisedForMs: 10_000, reservedMicros: 2_000n });
  });

  it('counts the day in the time zone of the account', () => {
    const lateInLondon = epochMs(1_782_165_600_000 - 1); // 23:59:59.999 in Berlin
    expect(placedBy(examplePlaceCall(lateInLondon), ...exampleHistory()).localDay).toBe('2026-06-22');
    expect(placedBy(examplePlaceCall(epochMs(lateInLondon + 1)), ...exampleHistory()).localDay).toBe('2026-06-23');
  });

  it('lets a key spend again on the next local day', () => {
    const policy = { dailySpendMicrosMax: micros(60_000n) };
    const first = placedBy(examplePlaceCall(nine), ...exampleHistory(policy));
    given(...exampleHistory(policy), first)
      .when(examplePlaceCall(inOneSecond))
      .thenRefused({ code: 'daily_spend_exceeded' });
    const tomorrow = addDuration(nine, durationMs(24 * 3_600_000));
    expect(placedBy(examplePlaceCall(tomorrow), ...exampleHistory(policy), first).reservedMicros).toBe(60_000n);
  });

  it('compares caller numbers by subject', () => {
    const policy = { callerNumbers: [sealedExample('+14155550100')] };
    expect(placedBy(examplePlaceCall(nine), ...exampleHistory(policy)).type).toBe('CallPlaced');
    given(...exampleHistory(policy))
      .when(examplePlaceCall(nine, { from: { clear: '+14155550101', sealed: sealedExample('+14155550101') } }))
      .thenRefused({ code: 'caller_number_not_allowed' });
  });

  it.each([
    '15005550000',
    '+0500555000',
    '+1',
    '+1500555000a',
    '+15005550000\n',
    '+١٥٠٠٥٥٥٠٠٠٠',
    '+1500555000012345',
    '',
  ])('takes %j for no number', (clear) => {
    const number = { clear, sealed: sealedExample('x') };
    given(...exampleHistory())
      .when(examplePlaceCall(nine, { to: number }))
      .thenRefused({ code: 'number_invalid' });
    given(...exampleHistory())
      .when(examplePlaceCall(nine, { from: number }))
      .thenRefused({ code: 'number_invalid' });
  });

  it('bounds an account beside its keys, live and test apart', () => {
    const state = folded(...exampleHistory({ linesMax: platformLimits.linesMax }));
    const full = (mode: Mode) => ({
      ...state,
      modes: { ...state.modes, [mode]: { ...state.modes[mode], lines: platformLimits.linesMax } },
    });
    expect(accountModel.decide(examplePlaceCall(nine), full('live')).accepted).toBe(true);
    expect(accountModel.decide(examplePlaceCall(nine), full('test'))).toMatchObject({
      refusal: { code: 'lines_exhausted', limit: { max: String(platformLimits.linesMax) } },
    });
  });

  it('says when the next call conforms', () => {
    const policy = { callsPerSecond: 4, burstCalls: 1 };
    const first = placedBy(examplePlaceCall(nine), ...exampleHistory(policy));
    given(...exampleHistory(policy), first)
      .when(examplePlaceCall(addDuration(nine, durationMs(50))))
      .thenRefused({ code: 'rate_limited', retryAfterMs: 200 });
    expect(
      placedBy(examplePlaceCall(addDuration(nine, durationMs(250))), ...exampleHistory(policy), first),
    ).toBeDefined();
  });

  it('is for the keys of the account that pays', () => {
    given(...exampleHistory())
      .when(examplePlaceCall(nine, { principal: { kind: 'operator', name: 'ops' } }))
      .thenRefused({ code: 'presenter_not_allowed' });
    given(...exampleHistory())
      .when(examplePlaceCall(nine, { principal: { kind: 'key', keyId: exampleKeyId, home: 'platform' } }))
      .thenRefused({ code: 'presenter_not_allowed' });
  });

  it('places one call under one id, living or over', () => {
    const command = examplePlaceCall(nine);
    const placed = placedBy(command, ...exampleHistory());
    given(...exampleHistory(), placed)
      .when(command)
      .thenRefused({ code: 'call_already_placed' });
    const { callId, legId, keyId, mode, project, application, localDay, zoneData, reservedMicros } = placed;
    const of = { callId, legId, keyId, mode, project, application, localDay, zoneData };
    given(...exampleHistory(), placed, {
      type: 'CallFailed',
      ...of,
      cause: 'busy',
      releasedMicros: reservedMicros,
      endedAtMs: nine,
    })
      .when(command)
      .thenRefused({ code: 'call_already_placed' });
  });
});

/** The caller number is the account's own, and assigned to an app with these settings. */
function underApp(settings: Partial<VoiceAppSettings>): readonly AccountStreamEvent[] {
  const number = { ...exampleEvents.NumberReceived, ownNumber: examplePlaceCall(nine).from.sealed };
  return [number, { ...exampleAppCreated(settings), numberIds: [number.numberId] }];
}

/** Each row leaves one thing wrong; a command with several wrong is refused for the first. */
const wrongs: Record<Exclude<CallRefusalCode, 'key_unknown'>, Wrong> = {
  key_revoked: {
    after: [
      {
        type: 'KeyRevoked',
        keyId: exampleKeyId,
        reason: 'leaked',
        onRevoke: 'hangup',
        keyVersion: 2,
        revokedAtMs: nine,
      },
    ],
  },
  key_expired: { policy: { expiresAtMs: nine } },
  scope_missing: { policy: { scopes: ['calls:read'] } },
  account_not_verified: { unverified: true },
  account_suspended: {
    after: [{ type: 'AccountSuspended', accountId: exampleAccountId, reason: 'fraud', suspendedAtMs: nine }],
  },
  number_invalid: { command: { to: { clear: '911', sealed: sealedExample('911') } } },
  caller_number_not_allowed: { policy: { callerNumbers: [] } },
  number_range_unknown: { command: { to: { clear: '+15655550123', sealed: sealedExample('+15655550123') } } },
  destination_not_allowed: { policy: { destinationPrefixes: ['49'] } },
  voice_app_inactive: { after: underApp({ status: 'inactive', channelLimit: 0 }) },
  rate_limited: { spent: true },
  lines_exhausted: { policy: { linesMax: 0 } },
  app_channels_exhausted: { after: underApp({ channelLimit: 0 }) },
  key_cap_reached: { policy: { callsMax: 0 } },
  daily_spend_exceeded: { policy: { dailySpendMicrosMax: micros(0n) } },
  balance_insufficient: { creditMicros: 1n },
  no_route: { command: { routes: { live: [], test: [] } } },
};
type Wrong = {
  readonly policy?: Partial<KeyPolicy>;
  readonly command?: Partial<PlaceCall>;
  readonly after?: readonly AccountStreamEvent[];
  readonly unverified?: true;
  readonly creditMicros?: bigint;
  /** The rate is used up. */
  readonly spent?: true;
};

function usedUp(usage: Usage): Usage {
  return { ...usage, gcra: { ...usage.gcra, arrivalTicks: 2n ** 60n } };
}

function refusalFor(...several: readonly Wrong[]): string {
  const policy = Object.assign(
    { callsPerSecond: 1, burstCalls: 1 },
    ...several.map((wrong) => wrong.policy ?? {}),
  ) as KeyPolicy;
  const creditMicros = several.find((wrong) => wrong.creditMicros !== undefined)?.creditMicros ?? 10n ** 9n;
  const history: AccountStreamEvent[] = [exampleOpened];
  if (!several.some(({ unverified }) => unverified)) history.push(exampleVerified);
  history.push({ ...exampleCredit, amountMicros: micros(creditMicros) }, exampleKeyIssued(policy));
  let state = folded(...history);
  if (several.some(({ spent }) => spent)) {
    const use = state.keys.get(exampleKeyId);
    if (use === undefined) throw new Error('the example key was issued');
    state = {
      ...state,
      keys: state.keys.set(exampleKeyId, { ...use, used: { ...use.used, test: usedUp(use.used.test) } }),
    };
  }
  for (const event of several.flatMap(({ after }) => after ?? [])) state = accountModel.evolve(state, event);
  const command = examplePlaceCall(
    nine,
    Object.assign({}, ...several.map((wrong) => wrong.command ?? {})) as Partial<PlaceCall>,
  );
  const decision = accountModel.decide(command, state);
  return decision.accepted ? 'accepted' : decision.refusal.code;
}

describe('the order of reasons', () => {
  const codes = callRefusalCodes.filter((code) => code !== 'key_unknown');
  // Revoked and expired exclude no other reason, an account is either unverified or suspended: a pair shows which comes
  // first.
  const pairs = codes.flatMap((first, index) => codes.slice(index + 1).map((second) => [first, second] as const));

  it('refuses nothing when nothing is wrong', () => {
    expect(refusalFor()).toBe('accepted');
  });

  it.each(codes)('gives %s when that alone is wrong', (code) => {
    expect(refusalFor(wrongs[code])).toBe(code);
  });

  it.each(pairs.filter(([first, second]) => !(first === 'account_not_verified' && second === 'account_suspended')))(
    'gives %s rather than %s when both are wrong',
    (first, second) => {
      expect(refusalFor(wrongs[second], wrongs[first])).toBe(first);
    },
  );

  it('gives key_unknown to a key of another account, and leaves no trace of it', () => {
    const stranger = new PredictableIds();
    stranger.keyId();
    const command = examplePlaceCall(nine, { principal: { kind: 'key', keyId: stranger.keyId(), home: 'account' } });
    expect(accountModel.decide(command, folded(...exampleHistory()))).toMatchObject({
      refusal: { code: 'key_unknown' },
      trace: [
        {
          type: 'CommandTurnedAway',
          presentedKeyId: command.principal.kind === 'key' && command.principal.keyId,
          code: 'key_unknown',
        },
      ],
    });
  });
});

describe('the trace of refusals', () => {
  const noLine = { linesMax: 0 };
  const refusedAt = (ms: number, state: AccountState, change: Partial<PlaceCall> = {}) => {
    const command = examplePlaceCall(addDuration(nine, durationMs(ms)), change);
    const decision = accountModel.decide(command, state);
    if (decision.accepted) throw new Error('it was to be refused');
    const after = decision.trace.reduce(
      accountModel.evolve,
      accountModel.afterRefusal(command, state, decision.refusal),
    );
    return { trace: decision.trace, after };
  };

  it('names the key that was presented and the reason', () => {
    const { trace } = refusedAt(0, folded(...exampleHistory(noLine)));
    expect(trace).toEqual([
      {
        type: 'CallRefused',
        presentedKeyId: exampleKeyId,
        mode: 'test',
        code: 'lines_exhausted',
        to: sealedExample('+15005550000'),
        localDay: '2026-09-21',
        zoneData: exampleCalendar.version,
        refusedAtMs: nine,
      },
    ]);
  });

  it('keeps nothing of a number that is none', () => {
    const { trace } = refusedAt(0, folded(...exampleHistory()), {
      to: { clear: 'Robert', sealed: sealedExample('Robert') },
    });
    expect(trace).toMatchObject([{ code: 'number_invalid', to: null }]);
  });

  it('counts the others for the day of their second, though they are recorded on the next', () => {
    const lastMs = epochMs(1_782_165_600_000 - 1); // 23:59:59.999 in Berlin
    let state = folded(...exampleHistory({ linesMax: 0, callsPerSecond: 1_000, burstCalls: 1_000 }));
    const recorded: AccountStreamEvent[] = [];
    for (const nowMs of [lastMs, lastMs, epochMs(lastMs + 1)]) {
      const command = examplePlaceCall(nowMs);
      const decision = accountModel.decide(command, state);
      if (decision.accepted) throw new Error('the call is refused');
      recorded.push(...decision.trace);
      const counted = accountModel.afterRefusal(command, state, decision.refusal);
      state = decision.trace.reduce(accountModel.evolve, counted);
    }
    expect(recorded).toMatchObject([
      { type: 'CallRefused', localDay: '2026-06-22' },
      { type: 'CallRefusalsCounted', localDay: '2026-06-22', count: 1 },
      { type: 'CallRefused', localDay: '2026-06-23' },
    ]);
  });

  it('is one event in full for each second, and one count for the others', () => {
    let state = folded(...exampleHistory(noLine));
    const traces: AccountStreamEvent[] = [];
    for (let ms = 0; ms < 1_000; ms += 1) {
      const { trace, after } = refusedAt(ms, state);
      traces.push(...trace);
      state = after;
    }
    expect(traces).toMatchObject([{ type: 'CallRefused' }]);
    expect(accountModel.nextDueMs(state)).toBe(inOneSecond);
    const due = accountModel.decide(
      { type: 'ActOnTime', calendar: exampleCalendar, principal: { kind: 'timer' }, nowMs: inOneSecond },
      state,
    );
    expect(due).toMatchObject({ events: [{ type: 'CallRefusalsCounted', count: 999, secondStartMs: nine }] });
  });

  it('sums the second before with the first refusal of the next, should the timer be late', () => {
    let state = folded(...exampleHistory(noLine));
    for (const ms of [0, 1, 2]) state = refusedAt(ms, state).after;
    expect(refusedAt(1_000, state).trace).toMatchObject([
      { type: 'CallRefusalsCounted', count: 2, secondStartMs: nine },
      { type: 'CallRefused' },
    ]);
  });

  it('counts each reason by itself', () => {
    const state = refusedAt(0, folded(...exampleHistory(noLine))).after;
    const { trace } = refusedAt(1, state, {
      to: { clear: '911', sealed: sealedExample('911') },
      principal: byExampleKey,
    });
    expect(trace).toMatchObject([{ type: 'CallRefused', code: 'number_invalid' }]);
  });
});
