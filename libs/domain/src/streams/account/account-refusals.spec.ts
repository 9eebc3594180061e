import { describe, expect, it } from '@jest/globals';
import {
  exampleCalendar,
  byExampleKey,
  exampleAccountId,
  exampleHistory,
  exampleKeyId,
  exampleKeyIssued,
  exampleOpened,
  examplePlaceCall,
  exampleSigningKeyId,
  exampleSigningKeyRegistered,
  nine,
  exampleUnbounded,
} from '@ringfence/testing/examples';
import { PredictableIds } from '@ringfence/testing/predictable-ids';
import { addDuration, durationMs, type EpochMs } from '@ringfence/kernel/units';
import type { TurnAwayCommand } from '../../rejections/rejection.commands.js';
import { rejectedKeysMax } from '../../rejections/rejected-commands.js';
import type { RevokeKey } from '../../keys/key.commands.js';
import type { Principal } from '../../shared/values.js';
import { accountModel, type AccountStreamCommand, type AccountStreamEvent } from './account-stream.js';
import type { AccountState } from './account-state.js';

const at = (ms: number): EpochMs => addDuration(nine, durationMs(ms));
const worker: Principal = { kind: 'worker', workerId: 'prc_example' };
const history = [...exampleHistory(), exampleSigningKeyRegistered({ scopes: ['calls:write'] })];

/** An account that is given commands, with what each left in the log. */
class Account {
  state: AccountState;
  constructor(...events: readonly AccountStreamEvent[]) {
    this.state = events.reduce(accountModel.evolve, accountModel.initialState);
  }

  submit(command: AccountStreamCommand): { readonly code: string; readonly events: readonly AccountStreamEvent[] } {
    const decision = accountModel.decide(command, this.state);
    if (!decision.accepted) this.state = accountModel.afterRefusal(command, this.state, decision.refusal);
    const events = decision.accepted ? decision.events : decision.trace;
    this.state = events.reduce(accountModel.evolve, this.state);
    return { code: decision.accepted ? 'accepted' : decision.refusal.code, events };
  }

  time(nowMs: EpochMs): readonly AccountStreamEvent[] {
    return this.submit({ type: 'ActOnTime', calendar: exampleCalendar, principal: { kind: 'timer' }, nowMs }).events;
  }
}

function rejection(ms: number, change: Partial<TurnAwayCommand> = {}): TurnAwayCommand {
  return {
    type: 'TurnAwayCommand',
    accountId: exampleAccountId,
    presentedKeyId: exampleSigningKeyId,
    code: 'signature_invalid',
    commandType: 'PlaceCall',
    count: 1,
    nowMs: at(ms),
    principal: worker,
    ...change,
  };
}

function revoke(ms: number, principal: Principal): RevokeKey {
  const of = { accountId: exampleAccountId, keyId: exampleKeyId, nowMs: at(ms), principal };
  return { type: 'RevokeKey', ...of, reason: 'requested', onRevoke: null };
}

describe('a command that was rejected before its lane', () => {
  it('is recorded in the account that it named, with the key and the reason', () => {
    expect(new Account(...history).submit(rejection(0))).toEqual({
      code: 'accepted',
      events: [
        {
          type: 'CommandTurnedAway',
          presentedKeyId: exampleSigningKeyId,
          code: 'signature_invalid',
          commandType: 'place_call',
          count: 1,
          turnedAwayAtMs: nine,
        },
      ],
    });
    expect(new Account(...history).submit(rejection(0, { presentedKeyId: null, commandType: null }))).toMatchObject({
      events: [{ presentedKeyId: null, commandType: null }],
    });
  });

  it('is reported by the platform itself only, and for no account that was never opened', () => {
    for (const principal of [byExampleKey, { kind: 'operator', name: 'ops' }, { kind: 'timer' }] as const)
      expect(new Account(...history).submit(rejection(0, { principal }))).toEqual({
        code: 'presenter_not_allowed',
        events: [],
      });
    expect(new Account().submit(rejection(0))).toEqual({ code: 'account_unknown', events: [] });
  });

  it('is one event in full for each second, key and reason, and one count for the others', () => {
    const account = new Account(...history);
    const outcomes = Array.from({ length: 1_000 }, (_, ms) => account.submit(rejection(ms)));
    expect(outcomes.flatMap(({ events }) => events)).toHaveLength(1);
    expect(new Set(outcomes.slice(1).map(({ code }) => code))).toEqual(new Set(['turning_away_counted']));
    const others = [
      account.submit(rejection(1, { code: 'command_expired' })),
      account.submit(rejection(2, { presentedKeyId: null })),
    ];
    expect(others.flatMap(({ events }) => events)).toHaveLength(2);
    expect(accountModel.nextDueMs(account.state)).toBe(at(1_000));
    expect(account.time(at(1_000))).toEqual([
      {
        type: 'CommandsTurnedAwayCounted',
        presentedKeyId: exampleSigningKeyId,
        code: 'signature_invalid',
        secondStartMs: nine,
        count: 999,
        countedAtMs: at(1_000),
      },
    ]);
    expect(accountModel.nextDueMs(account.state)).toBeNull();
  });

  it('sums the second before with the first of the next, should the timer be late', () => {
    const account = new Account(...history);
    for (const ms of [0, 1, 2]) account.submit(rejection(ms));
    expect(account.submit(rejection(2_500)).events).toMatchObject([
      { type: 'CommandsTurnedAwayCounted', count: 2, secondStartMs: nine },
      { type: 'CommandTurnedAway' },
    ]);
  });

  it('is about as many as were counted together before they were reported, and no count is lost', () => {
    const account = new Account(...history);
    const many = (ms: number, count: number) =>
      account.submit(rejection(ms, { code: 'key_revoked', commandType: null, count }));
    const first = many(0, 50);
    expect(first).toMatchObject({
      code: 'accepted',
      events: [{ type: 'CommandTurnedAway', code: 'key_revoked', commandType: null, count: 50 }],
    });
    expect(accountModel.nextDueMs(account.state)).toBeNull();
    // Another gateway's, and the next of the same, in the same second: two events, no matter who reports.
    expect([many(300, 7), many(600, 30)]).toEqual(Array(2).fill({ code: 'turning_away_counted', events: [] }));
    const counted = account.time(at(1_000));
    expect(counted).toMatchObject([{ type: 'CommandsTurnedAwayCounted', code: 'key_revoked', count: 37 }]);
    expect(accountModel.nextDueMs(account.state)).toBeNull();
    expect(many(1_000, 2).events).toMatchObject([{ type: 'CommandTurnedAway', count: 2 }]);
  });

  it('reports a key that was presented from a wrong address', () => {
    const outcome = new Account(...history).submit(
      rejection(0, { code: 'source_not_allowed', commandType: null, count: 3 }),
    );
    expect(outcome.events).toMatchObject([{ type: 'CommandTurnedAway', code: 'source_not_allowed', count: 3 }]);
  });

  it('writes and remembers a bounded amount, whatever keys are named', () => {
    const account = new Account(...history);
    const strangers = new PredictableIds(5_000);
    let recorded: readonly AccountStreamEvent[] = [];
    for (let second = 0; second < 20; second += 1) {
      for (let ms = 0; ms < 200; ms += 1)
        recorded = [
          ...recorded,
          ...account.submit(rejection(second * 1_000 + ms, { presentedKeyId: strangers.keyId() })).events,
        ];
      expect(account.state.rejections.size).toBeLessThanOrEqual(2 * (rejectedKeysMax + 1));
      recorded = [...recorded, ...account.time(at((second + 1) * 1_000))];
    }
    expect(recorded.filter(({ type }) => type === 'CommandTurnedAway')).toHaveLength(20 * (rejectedKeysMax + 1));
    const counts = recorded.flatMap((event) => (event.type === 'CommandsTurnedAwayCounted' ? [event] : []));
    expect(counts).toHaveLength(20);
    for (const { presentedKeyId, count } of counts)
      expect([presentedKeyId, count]).toEqual([null, 200 - rejectedKeysMax - 1]);
  });
});

describe('a command whose principal lacks the authority', () => {
  const signing = { kind: 'key', keyId: exampleSigningKeyId, home: 'account' } as const;
  const gone = {
    type: 'KeyRevoked',
    keyId: exampleSigningKeyId,
    reason: 'leaked',
    onRevoke: 'drain',
    keyVersion: 2,
    revokedAtMs: nine,
  } as const;
  const stranger = { ...signing, keyId: new PredictableIds(8_000).keyId() };
  const expiring = exampleSigningKeyRegistered({ scopes: ['keys:write'], expiresAtMs: nine });

  it.each<[string, string, Principal, readonly AccountStreamEvent[]]>([
    ['has been revoked', 'key_revoked', signing, [...history, gone]],
    ['has expired', 'key_expired', signing, [...exampleHistory(), expiring]],
    ['lacks the scope', 'scope_missing', signing, history],
    ['is none of the account', 'key_unknown', stranger, history],
  ])('leaves a trace when its key %s', (_what, code, principal, before) => {
    const account = new Account(...before);
    const presentedKeyId = principal.kind === 'key' ? principal.keyId : null;
    expect(account.submit(revoke(0, principal))).toEqual({
      code,
      events: [
        { type: 'CommandTurnedAway', presentedKeyId, code, commandType: 'revoke_key', count: 1, turnedAwayAtMs: nine },
      ],
    });
    for (let ms = 1; ms <= 7; ms += 1) expect(account.submit(revoke(ms, principal))).toEqual({ code, events: [] });
    expect(account.time(at(1_000))).toMatchObject([
      { type: 'CommandsTurnedAwayCounted', presentedKeyId, code, count: 7 },
    ]);
  });

  it('leaves one for a key with a secret too, and for one that wants more than it has', () => {
    const keyed = new Account(...exampleHistory({ scopes: ['calls:write'] }));
    expect(keyed.submit(revoke(0, byExampleKey)).events).toMatchObject([
      { type: 'CommandTurnedAway', code: 'scope_missing' },
    ]);
    const of = { accountId: exampleAccountId, keyId: exampleKeyId, nowMs: nine, principal: byExampleKey };
    const change = { scopes: ['accounts:admin'] } as const;
    const more = { type: 'ChangeKeyPolicy', ...of, change, policyHashOf: () => '' } as const;
    expect(new Account(...history).submit(more).events).toMatchObject([
      { code: 'scope_missing', commandType: 'change_key_policy' },
    ]);
  });

  it('leaves one for a call placed with a key that the account does not know; CallRefused reports the others', () => {
    const types = (principal: Principal, ...events: readonly AccountStreamEvent[]) =>
      new Account(...events).submit(examplePlaceCall(nine, { principal })).events.map(({ type }) => type);
    expect(types(stranger, ...history)).toEqual(['CommandTurnedAway']);
    expect(types({ kind: 'key', keyId: exampleKeyId, home: 'platform' }, ...history)).toEqual(['CommandTurnedAway']);
    expect(types(signing, ...history, gone)).toEqual(['CallRefused']);
  });

  it('leaves none when its principal has the authority, nor in an account that was never opened', () => {
    const account = new Account(...history);
    expect(account.submit({ ...revoke(0, byExampleKey), keyId: stranger.keyId })).toEqual({
      code: 'key_unknown',
      events: [],
    });
    expect(account.submit(revoke(0, { kind: 'timer' }))).toEqual({ code: 'presenter_not_allowed', events: [] });
    expect(new Account().submit(revoke(0, signing))).toEqual({ code: 'key_unknown', events: [] });
  });

  it('counts only rejected commands, though the same code is given for the key that a command acts on', () => {
    const expired = exampleKeyIssued({ expiresAtMs: nine }, stranger.keyId);
    const account = new Account(...exampleHistory(exampleUnbounded), expired);
    account.submit(rejection(0, { presentedKeyId: exampleKeyId, code: 'key_expired' }));
    const of = { accountId: exampleAccountId, keyId: stranger.keyId, principal: byExampleKey, nowMs: at(1) };
    const { digest, secretHint } = exampleKeyIssued();
    const rotate = { type: 'RotateKey', ...of, digest, secretHint, overlapMs: durationMs(0) } as const;
    expect(account.submit(rotate)).toEqual({ code: 'key_expired', events: [] });
    expect(accountModel.nextDueMs(account.state)).toBeNull();
  });
});

describe('an account that rejected commands', () => {
  it('goes on from a snapshot with its counts', () => {
    const account = new Account(...history);
    for (const ms of [0, 1, 2]) account.submit(rejection(ms));
    const pieces = JSON.parse(JSON.stringify([...accountModel.snapshot(account.state)])) as Parameters<
      typeof accountModel.restore
    >[0];
    const twin = new Account(exampleOpened);
    twin.state = accountModel.restore(pieces);
    expect(accountModel.nextDueMs(twin.state)).toBe(at(1_000));
    expect(twin.time(at(1_000))).toEqual(account.time(at(1_000)));
  });
});
