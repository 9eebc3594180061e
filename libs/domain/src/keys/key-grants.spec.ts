import { describe, expect, it } from '@jest/globals';
import {
  byExampleKey,
  exampleAccountId,
  exampleHistory,
  exampleKeyId,
  exampleKeyIssued,
  examplePlaceCall,
  examplePolicy,
  exampleUnbounded,
  nine,
  sealedExample,
} from '@ringfence/testing/examples';
import { PredictableIds } from '@ringfence/testing/predictable-ids';
import { faultsOf, after, unknownAccount } from '@ringfence/testing/checkers/account-reference';
import { addDuration, durationMs, micros } from '@ringfence/kernel/units';
import type { KeyId } from '@ringfence/kernel/ids';
import fc from 'fast-check';
import { accountModel, type AccountStreamEvent } from '../streams/account/account-stream.js';
import type { AccountState } from '../streams/account/account-state.js';
import type { ChangeKeyPolicy, IssueKey, KeyCommand, RotateKey } from './key.commands.js';
import { keyDepthMax } from './key-line.js';
import { type KeyPolicy, noBounds, type PolicyChange } from './key-policy.js';
import { isBounded } from './policy-bounds.js';
import type { Scope } from '../shared/scopes.js';

const ids = new PredictableIds(40);
const [newKeyId, thirdKeyId] = [ids.keyId(), ids.keyId()];
const [desk, cell] = ['+14155550100', '+14155550101'];
const at = (ms: number) => addDuration(nine, durationMs(ms));
const of = { accountId: exampleAccountId, nowMs: nine } as const;
const operator = { kind: 'operator', name: 'ops' } as const;

/** Few values of each member, none and the most among them, so that every pair of them comes about. */
const members = {
  scopes: fc
    .subarray<Scope>(['calls:write', 'calls:read', 'billing:read'])
    .map((more): Scope[] => ['keys:write', ...more]),
  callsPerSecond: fc.constantFrom(1, 5, exampleUnbounded.callsPerSecond),
  burstCalls: fc.constantFrom(1, 5, exampleUnbounded.burstCalls),
  linesMax: fc.constantFrom(0, 2, exampleUnbounded.linesMax),
  dailySpendMicrosMax: fc.constantFrom(null, micros(0n), micros(60_000n)),
  destinationPrefixes: fc.constantFrom(null, [], ['1'], ['1500'], ['1', '1900'], ['49']),
  callerNumbers: fc.constantFrom(null, [], [sealedExample(desk)], [sealedExample(desk), sealedExample(cell)]),
  sourceCidrs: fc.constantFrom(null, ['10.0.0.0/8'], ['10.0.0.0/8', '192.0.2.0/24']),
  expiresAtMs: fc.constantFrom(null, at(5_000), at(10_000)),
  onRevoke: fc.constantFrom('hangup', 'drain'),
  callsMax: fc.constantFrom(null, 0, 5),
  minutesMax: fc.constantFrom(null, 0, 5),
  spendMicrosMax: fc.constantFrom(null, micros(0n), micros(60_000n)),
} as const;
const anyPolicy: fc.Arbitrary<KeyPolicy> = fc.record(members).map((some) => ({ ...examplePolicy, ...some }));
/** Half of them bounded in nothing, or such keys would hardly come about. */
const anyMaker = fc.oneof(anyPolicy, anyPolicy.map((policy) => ({ ...policy, ...free }))); // prettier-ignore
const anyChange: fc.Arbitrary<PolicyChange> = fc.record(members, { requiredKeys: [] });
const free = {
  ...exampleUnbounded,
  ...noBounds,
} as const;

function issue(
  policy: KeyPolicy,
  keyId: KeyId = newKeyId,
  principal: KeyCommand['principal'] = byExampleKey,
): IssueKey {
  const { mode, label, digest, secretHint, policyHash } = exampleKeyIssued();
  return { type: 'IssueKey', ...of, keyId, mode, label, digest, secretHint, policy, policyHash, principal };
}

function change(
  keyId: KeyId,
  wanted: PolicyChange,
  principal: KeyCommand['principal'] = byExampleKey,
): ChangeKeyPolicy {
  return { type: 'ChangeKeyPolicy', ...of, keyId, change: wanted, policyHashOf: () => '0'.repeat(64), principal };
}

function rotate(keyId: KeyId, principal: KeyCommand['principal'] = byExampleKey): RotateKey {
  const { digest, secretHint } = exampleKeyIssued();
  return { type: 'RotateKey', ...of, keyId, digest, secretHint, overlapMs: durationMs(0), principal };
}

function folded(...events: readonly AccountStreamEvent[]): AccountState {
  return events.reduce(accountModel.evolve, accountModel.initialState);
}

function decided(command: KeyCommand, state: AccountState): readonly AccountStreamEvent[] | undefined {
  const decision = accountModel.decide(command, state);
  return decision.accepted ? decision.events : undefined;
}

/** Every call that a key may place on its own, at some moments, from and to some numbers. */
function reachOf(keyId: KeyId, state: AccountState): ReadonlySet<string> {
  const reach = new Set<string>();
  for (const ms of [0, 7_000, 12_000]) {
    for (const from of [desk, cell]) {
      for (const to of ['+15005550000', '+4930123456', '+14155550199', '+19005550100']) {
        const numbers = {
          from: { clear: from, sealed: sealedExample(from) },
          to: { clear: to, sealed: sealedExample(to) },
        };
        const principal = { kind: 'key', keyId, home: 'account' } as const;
        if (accountModel.decide(examplePlaceCall(at(ms), { ...numbers, principal }), state).accepted)
          reach.add([ms, from, to].join(' '));
      }
    }
  }
  return reach;
}

function within(inner: ReadonlySet<string>, outer: ReadonlySet<string>): boolean {
  return [...inner].every((call) => outer.has(call));
}

function policyOf(state: AccountState, keyId: KeyId): KeyPolicy | undefined {
  return state.keys.get(keyId)?.key.policy;
}

/** Lists what the reference, which is kept independently, finds wrong with events of a key. */
function faults(history: readonly AccountStreamEvent[], events: readonly AccountStreamEvent[]): readonly string[] {
  const account = history.reduce(after, unknownAccount);
  const issuedBy = { kind: 'key', id: exampleKeyId, version: 1 } as const;
  return events.flatMap((data) => faultsOf(account, { data, decidedAtMs: nine, issuedBy }));
}

describe('whatever the policies of a key and of the one that it issues', () => {
  it('the new key reaches nothing that its maker does not, and is its child when the maker is bounded', () => {
    fc.assert(
      fc.property(anyMaker, anyPolicy, (own, wanted) => {
        const history = exampleHistory(own);
        const state = folded(...history);
        const events = decided(issue(wanted), state);
        if (events === undefined) return;
        expect(faults(history, events)).toEqual([]);
        expect(events).toMatchObject([{ parentKeyId: isBounded(own) ? exampleKeyId : null }]);
        const after = events.reduce(accountModel.evolve, state);
        expect(within(reachOf(newKeyId, after), reachOf(exampleKeyId, after))).toBe(true);
      }),
      { numRuns: 1_500 },
    );
  });

  it('its twin may always be issued, and never changes or rotates its maker when that is bounded', () => {
    fc.assert(
      fc.property(anyMaker, anyChange, (own, wanted) => {
        const state = folded(...exampleHistory(own));
        const events = decided(issue(own), state);
        expect(events).toHaveLength(1);
        const after = (events ?? []).reduce(accountModel.evolve, state);
        const twin = { kind: 'key', keyId: newKeyId, home: 'account' } as const;
        if (!isBounded(own)) return;
        expect(decided(change(exampleKeyId, wanted, twin), after)).toBeUndefined();
        expect(decided(rotate(exampleKeyId, twin), after)).toBeUndefined();
      }),
      { numRuns: 500 },
    );
  });

  it('a change by a key leaves another key, its child or not, and itself within what the key reaches', () => {
    fc.assert(
      fc.property(
        anyMaker,
        anyPolicy,
        anyChange,
        fc.constantFrom('own', 'child', 'other'),
        (own, its, wanted, which) => {
          const target = which === 'own' ? exampleKeyId : newKeyId;
          const parentKeyId = which === 'child' ? exampleKeyId : null;
          const others = which === 'own' ? [] : [{ ...exampleKeyIssued(its, newKeyId), parentKeyId }];
          const history = [...exampleHistory(own), ...others];
          const state = folded(...history);
          const events = decided(change(target, wanted), state);
          if (events === undefined) return;
          expect(faults(history, events)).toEqual([]);
          const after = events.reduce(accountModel.evolve, state);
          const before = reachOf(which === 'own' ? exampleKeyId : newKeyId, state);
          const gained = [...reachOf(target, after)].filter((call) => !before.has(call));
          expect(within(new Set(gained), reachOf(exampleKeyId, state))).toBe(true);
          expect(which === 'other' && isBounded(own)).toBe(false);
          if (which === 'own') expect(gained).toEqual([]);
        },
      ),
      { numRuns: 1_500 },
    );
  });

  it('a key rotates another only where it could do by itself whatever the other can', () => {
    fc.assert(
      fc.property(anyMaker, anyPolicy, fc.boolean(), (own, its, isChild) => {
        const other = { ...exampleKeyIssued(its, newKeyId), parentKeyId: isChild ? exampleKeyId : null };
        const state = folded(...exampleHistory(own), other);
        if (decided(rotate(newKeyId), state) === undefined) return;
        expect(isChild || !isBounded(own)).toBe(true);
        expect(within(reachOf(newKeyId, state), reachOf(exampleKeyId, state))).toBe(true);
        const reached = policyOf(state, newKeyId)?.scopes ?? [];
        if (!isChild) expect(reached.filter((scope) => !own.scopes.includes(scope))).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('a bounded key', () => {
  const bounds: readonly Partial<KeyPolicy>[] = [
    { callsPerSecond: 9_999 },
    { burstCalls: 9_999 },
    { linesMax: 99_999 },
    { dailySpendMicrosMax: micros(10n ** 15n) },
    { destinationPrefixes: ['1', '2', '3'] },
    { callerNumbers: [sealedExample(desk)] },
    { sourceCidrs: ['0.0.0.0/0'] },
    { expiresAtMs: at(10 ** 12) },
    { callsMax: 10 ** 9 },
    { minutesMax: 10 ** 9 },
    { spendMicrosMax: micros(10n ** 15n) },
  ];

  it.each(bounds)('by %j alone issues child keys alone, and changes no key but its own', (bound) => {
    const history = exampleHistory({ ...free, ...bound });
    const other = exampleKeyIssued({ linesMax: 1 }, newKeyId);
    const state = folded(...history, other);
    expect(decided(issue({ ...examplePolicy, ...free, ...bound }, thirdKeyId), state)).toMatchObject([
      { parentKeyId: exampleKeyId },
    ]);
    expect(decided(issue({ ...examplePolicy, ...free }, thirdKeyId), state)).toBeUndefined();
    expect(decided(change(newKeyId, { linesMax: 2 }), state)).toBeUndefined();
    expect(decided(rotate(newKeyId), state)).toBeUndefined();
    expect(
      decided(
        { type: 'RevokeKey', ...of, keyId: newKeyId, reason: 'leaked', onRevoke: null, principal: byExampleKey },
        state,
      ),
    ).toHaveLength(1);
  });

  it('gives its child nothing explicitly that goes beyond its own policy', () => {
    const child = { ...exampleKeyIssued({}, newKeyId), parentKeyId: exampleKeyId };
    const state = folded(...exampleHistory(), child);
    expect(decided(change(newKeyId, { linesMax: examplePolicy.linesMax }), state)).toHaveLength(1);
    expect(decided(change(newKeyId, { linesMax: examplePolicy.linesMax + 1 }), state)).toBeUndefined();
    expect(decided(change(newKeyId, { scopes: ['billing:read'] }), state)).toBeUndefined();
  });

  it('has four generations of child keys below it and no fifth', () => {
    let state = folded(...exampleHistory());
    let principal: KeyCommand['principal'] = byExampleKey;
    Array.from({ length: keyDepthMax + 1 }, () => ids.keyId()).forEach((keyId, generation) => {
      const events = decided(issue(examplePolicy, keyId, principal), state);
      expect(events === undefined).toBe(generation === keyDepthMax);
      state = (events ?? []).reduce(accountModel.evolve, state);
      principal = { kind: 'key', keyId, home: 'account' };
    });
  });

  it('that an operator frees again still issues children where it is one itself', () => {
    const child = { ...exampleKeyIssued(free, newKeyId), parentKeyId: exampleKeyId };
    const principal = { kind: 'key', keyId: newKeyId, home: 'account' } as const;
    expect(
      decided(issue({ ...examplePolicy, ...free }, thirdKeyId, principal), folded(...exampleHistory(free), child)),
    ).toMatchObject([{ parentKeyId: newKeyId }]);
  });

  it('by source ranges registers no signing key, whose signatures come from no address', () => {
    const sourceCidrs = ['10.0.0.0/8'];
    const { mode, label, policyHash } = exampleKeyIssued();
    const publicKey = '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo';
    const signing = { type: 'RegisterSigningKey', ...of, keyId: newKeyId, mode, label, publicKey, policyHash } as const;
    const state = folded(...exampleHistory({ sourceCidrs }));
    for (const wanted of [sourceCidrs, null]) {
      const policy = { ...examplePolicy, sourceCidrs: wanted };
      expect(decided({ ...signing, policy, principal: byExampleKey }, state)).toBeUndefined();
    }
    const policy = { ...examplePolicy, sourceCidrs };
    expect(accountModel.decide({ ...signing, policy, principal: operator }, state)).toMatchObject({
      refusal: { code: 'policy_invalid' },
    });
  });
});
