import { describe, expect, it } from '@jest/globals';
import {
  exampleAccountId,
  exampleKeyId,
  exampleKeyIssued,
  examplePolicy,
  examplePublicKey,
  exampleSigningKeyId,
  exampleSigningKeyRegistered,
  nine,
  sealedExample,
} from '@ringfence/testing/examples';
import { exampleEvents } from '@ringfence/testing/example-events';
import { scenariosFor } from '@ringfence/testing/scenarios';
import { addDuration, durationMs, micros, type EpochMs } from '@ringfence/kernel/units';
import type { Principal } from '../shared/values.js';
import type { ChangeKeyPolicy, IssueKey, RegisterSigningKey, RotateKey, UnderParent } from './key.commands.js';
import { keyDecider, overlapMsMax } from './key.decider.js';
import type { KeyEvent, SecretDigest } from './key.events.js';
import type { KeyPolicy, PolicyChange } from './key-policy.js';
import { type KeyFault, keyUnusableReason } from './key-line.js';
import type { KeyState } from './key-state.js';
import type { Scope } from '../shared/scopes.js';
import { capMax, policyFault, policyListMax } from './policy-fault.js';
import { burstCallsMax, callsPerSecondMax, linesMaxMax } from '../limits/account-limits.js';

const given = scenariosFor(keyDecider);
const principal: Principal = { kind: 'operator', name: 'ops' };
const of = { accountId: exampleAccountId, keyId: exampleKeyId, principal };
const later = addDuration(nine, durationMs(60_000));
const nextDigest: SecretDigest = { pepperId: 'p2', hmacSha256: 'ef'.repeat(32) };
const issued = exampleKeyIssued();
const revoked: KeyEvent = {
  type: 'KeyRevoked',
  keyId: exampleKeyId,
  reason: 'requested',
  onRevoke: 'hangup',
  keyVersion: 2,
  revokedAtMs: nine,
};

function issue(policy: Partial<KeyPolicy> = {}): IssueKey & UnderParent {
  const { mode, label, digest, secretHint, policyHash } = issued;
  return {
    type: 'IssueKey',
    ...of,
    mode,
    parentKeyId: null,
    label,
    digest,
    secretHint,
    policy: { ...examplePolicy, ...policy },
    policyHash,
    nowMs: nine,
  };
}

function rotate(overlapMs: number): RotateKey {
  return {
    type: 'RotateKey',
    ...of,
    digest: nextDigest,
    secretHint: 'a1B2',
    overlapMs: durationMs(overlapMs),
    nowMs: later,
  };
}

function rotated(overlapMs: number): KeyEvent {
  return {
    type: 'KeyRotated',
    keyId: exampleKeyId,
    digest: nextDigest,
    secretHint: 'a1B2',
    overlapUntilMs: addDuration(later, durationMs(overlapMs)),
    previousDigest: issued.digest,
    keyVersion: 2,
    rotatedAtMs: later,
  };
}

function changing(change: PolicyChange): ChangeKeyPolicy {
  return { type: 'ChangeKeyPolicy', ...of, change, policyHashOf, nowMs: later };
}

function changedTo(policy: KeyPolicy, keyVersion: number): KeyEvent {
  const policyHash = policyHashOf(policy);
  return { type: 'KeyPolicyChanged', keyId: exampleKeyId, policy, policyHash, keyVersion, changedAtMs: later };
}

/** Stands for the lane's: another policy, another text. */
function policyHashOf({ scopes, linesMax, callsPerSecond }: KeyPolicy): string {
  return [...scopes, linesMax, callsPerSecond].join();
}

function whyNot(key: KeyState, scope: Scope, nowMs: EpochMs): KeyFault['code'] | undefined {
  return keyUnusableReason(key.status === 'unissued' ? [] : [key], scope, nowMs)?.code;
}

describe('a key', () => {
  it('is issued once', () => {
    given().when(issue()).then(issued);
    given(issued).when(issue()).thenRefused({ code: 'key_already_issued' });
  });

  it('gets a new secret, and the old one stays good for the overlap', () => {
    given(issued).when(rotate(30_000)).then(rotated(30_000));
    given(issued).when(rotate(0)).then(rotated(0));
  });

  it('is never longer good by a rotation than it was without', () => {
    const expiring = exampleKeyIssued({ expiresAtMs: addDuration(later, durationMs(10_000)) });
    given(expiring).when(rotate(30_000)).then(rotated(10_000));
    given(expiring).when(rotate(5_000)).then(rotated(5_000));
  });

  it('is not rotated once it has expired, for its new secret would be dead as well', () => {
    given(exampleKeyIssued({ expiresAtMs: later }))
      .when(rotate(0))
      .thenRefused({ code: 'key_expired' });
  });

  it('has an overlap of thirty days at most', () => {
    given(issued)
      .when(rotate(overlapMsMax + 1))
      .thenRefused({ code: 'overlap_too_long' });
  });

  it('rests on its last two secrets when it is rotated twice', () => {
    const again: RotateKey = { ...rotate(1_000), digest: { pepperId: 'p3', hmacSha256: '01'.repeat(32) } };
    given(issued, rotated(30_000))
      .when(again)
      .then({
        type: 'KeyRotated',
        keyId: exampleKeyId,
        digest: again.digest,
        secretHint: 'a1B2',
        overlapUntilMs: addDuration(later, durationMs(1_000)),
        previousDigest: nextDigest,
        keyVersion: 3,
        rotatedAtMs: later,
      });
  });

  it('stays revoked, whatever is requested for it', () => {
    const change = changing({ linesMax: 1 });
    const revoke = { type: 'RevokeKey', ...of, reason: 'leaked', onRevoke: null, nowMs: later } as const;
    for (const command of [rotate(0), change, revoke]) {
      given(issued, revoked).when(command).thenRefused({ code: 'key_already_revoked' });
    }
    given(issued, revoked).when(issue()).thenRefused({ code: 'key_already_issued' });
  });

  it('that was never issued is unknown', () => {
    given().when(rotate(0)).thenRefused({ code: 'key_unknown' });
  });

  it('is accepted only while it is in force and has the scope', () => {
    const state = (...events: readonly KeyEvent[]) => events.reduce(keyDecider.evolve, keyDecider.initialState);
    const expiring = state(exampleKeyIssued({ expiresAtMs: later }));
    expect(whyNot(state(), 'calls:write', nine)).toBe('key_unknown');
    expect(whyNot(state(issued), 'calls:write', nine)).toBeUndefined();
    expect(whyNot(state(issued), 'billing:read', nine)).toBe('scope_missing');
    expect(whyNot(expiring, 'calls:write', nine)).toBeUndefined();
    expect(whyNot(expiring, 'calls:write', later)).toBe('key_expired');
    expect(whyNot(state(issued, revoked), 'calls:write', nine)).toBe('key_revoked');
  });
});

describe('a changed policy', () => {
  const fewerLines = changedTo({ ...examplePolicy, linesMax: 3 }, 2);
  const narrower: KeyPolicy = { ...examplePolicy, scopes: ['calls:read'], dailySpendMicrosMax: micros(5n) };

  it('is the one before with the fields that were named, and its hash is that of the whole', () => {
    given(issued)
      .when(changing({ linesMax: 3 }))
      .then(fewerLines);
  });

  it('keeps what another change made of other fields a moment before', () => {
    given(issued, fewerLines)
      .when(changing({ callsPerSecond: 2 }))
      .then(changedTo({ ...examplePolicy, linesMax: 3, callsPerSecond: 2 }, 3));
  });

  it('does not bring back a scope or a limit that was taken away', () => {
    given(issued, changedTo(narrower, 2))
      .when(changing({ linesMax: 3 }))
      .then(changedTo({ ...narrower, linesMax: 3 }, 3));
  });

  it('has a bound no more when null was named', () => {
    given(issued, changedTo(narrower, 2))
      .when(changing({ dailySpendMicrosMax: null }))
      .then(changedTo({ ...narrower, dailySpendMicrosMax: null }, 3));
  });

  it('is refused when it would be impossible as a whole, also for what was not named', () => {
    given(issued)
      .when(changing({ scopes: [] }))
      .thenRefused({ code: 'policy_invalid' });
    given(exampleKeyIssued({ expiresAtMs: later }))
      .when(changing({ linesMax: 3 }))
      .thenRefused({ code: 'policy_invalid' });
  });
});

describe('a signing key', () => {
  const registered = exampleSigningKeyRegistered();
  const ofSigning = { ...of, keyId: exampleSigningKeyId };
  const register = (change: Partial<RegisterSigningKey> = {}): RegisterSigningKey & UnderParent => {
    const { mode, label, publicKey, policy, policyHash } = registered;
    return {
      type: 'RegisterSigningKey',
      ...ofSigning,
      mode,
      parentKeyId: null,
      label,
      publicKey,
      policy,
      policyHash,
      nowMs: nine,
      ...change,
    };
  };

  it('is registered once, with the public half of a key pair', () => {
    given().when(register()).then(registered);
    given(registered).when(register()).thenRefused({ code: 'key_already_issued' });
    given(registered)
      .when({ ...issue(), keyId: exampleSigningKeyId })
      .thenRefused({ code: 'key_already_issued' });
    given(issued)
      .when(register({ keyId: exampleKeyId }))
      .thenRefused({ code: 'key_already_issued' });
  });

  it('is refused a policy that says something impossible, and a public key that is none', () => {
    given()
      .when(register({ policy: { ...examplePolicy, scopes: [] } }))
      .thenRefused({ code: 'policy_invalid' });
    given()
      .when(register({ publicKey: `${examplePublicKey}=` }))
      .thenRefused({ code: 'public_key_invalid' });
  });

  it('has no secret that could be rotated, and so always the same public key', () => {
    given(registered)
      .when({ ...rotate(0), keyId: exampleSigningKeyId })
      .thenRefused({ code: 'key_not_rotatable' });
    const stray: KeyEvent = { ...exampleEvents.KeyOverlapEnded, keyId: exampleSigningKeyId };
    expect(keyDecider.evolve(keyDecider.evolve(keyDecider.initialState, registered), stray)).toMatchObject({
      credential: { kind: 'ed25519', publicKey: examplePublicKey },
    });
  });

  it('is not restricted to addresses, for what it signs comes from none', () => {
    given(registered)
      .when({ ...changing({ sourceCidrs: ['192.0.2.0/24'] }), ...ofSigning })
      .thenRefused({ code: 'policy_invalid' });
  });

  it('is changed in its policy, revoked and judged as every other key', () => {
    const policy = { ...examplePolicy, scopes: ['calls:read'] as const };
    const changed = { ...changedTo(policy, 2), keyId: exampleSigningKeyId };
    given(registered)
      .when({ ...changing({ scopes: policy.scopes }), ...ofSigning })
      .then(changed);
    const gone: KeyEvent = { ...revoked, keyId: exampleSigningKeyId, keyVersion: 3, revokedAtMs: later };
    given(registered, changed)
      .when({ type: 'RevokeKey', ...ofSigning, reason: 'leaked', onRevoke: null, nowMs: later })
      .then({ ...gone, reason: 'leaked' });
    const state = (...events: readonly KeyEvent[]) => events.reduce(keyDecider.evolve, keyDecider.initialState);
    expect(whyNot(state(registered), 'calls:write', nine)).toBeUndefined();
    expect(whyNot(state(registered, changed), 'calls:write', later)).toBe('scope_missing');
    expect(whyNot(state(registered, changed, gone), 'calls:read', later)).toBe('key_revoked');
  });
});

describe('a policy', () => {
  it('that says nothing impossible is taken', () => {
    expect(policyFault(examplePolicy, nine)).toBeUndefined();
    const full: Partial<KeyPolicy> = {
      callsPerSecond: callsPerSecondMax,
      burstCalls: burstCallsMax,
      linesMax: linesMaxMax,
      sourceCidrs: ['192.0.2.0/24', '2001:db8::/32', '::1/128'],
      destinationPrefixes: ['1900', '+49', 'US'],
      dailySpendMicrosMax: micros(0n),
      expiresAtMs: later,
      callsMax: 0,
      minutesMax: capMax,
      spendMicrosMax: micros(0n),
    };
    expect(policyFault({ ...examplePolicy, ...full }, nine)).toBeUndefined();
  });

  it.each<[string, Partial<KeyPolicy>]>([
    ['no scope', { scopes: [] }],
    ['one scope twice', { scopes: ['calls:read', 'calls:read'] }],
    ['a scope that is none', { scopes: ['root' as 'calls:read'] }],
    ['no calls at all', { callsPerSecond: 0 }],
    ['half a call a second', { callsPerSecond: 1 / 2 }],
    ['too many calls a second', { callsPerSecond: callsPerSecondMax + 1 }],
    ['no burst', { burstCalls: 0 }],
    ['fewer than no lines', { linesMax: -1 }],
    ['too many lines', { linesMax: linesMaxMax + 1 }],
    ['a spend below zero', { dailySpendMicrosMax: micros(-1n) }],
    ['a prefix with two pluses', { destinationPrefixes: ['++49'] }],
    ['a territory in lower case', { destinationPrefixes: ['us'] }],
    ['an empty prefix', { destinationPrefixes: [''] }],
    ['too many prefixes', { destinationPrefixes: Array<string>(policyListMax + 1).fill('49') }],
    [
      'too many caller numbers',
      { callerNumbers: Array(policyListMax + 1).fill(sealedExample('+1')) as KeyPolicy['callerNumbers'] },
    ],
    ['an address without a length', { sourceCidrs: ['192.0.2.1'] }],
    ['a source that is no address', { sourceCidrs: ['everywhere/0'] }],
    ['fewer than no calls in its life', { callsMax: -1 }],
    ['too many calls in its life', { callsMax: capMax + 1 }],
    ['half a minute in its life', { minutesMax: 1 / 2 }],
    ['a spend in its life below zero', { spendMicrosMax: micros(-1n) }],
    ['an expiry that has passed', { expiresAtMs: nine }],
    ['a project with a blank', { project: 'front desk' }],
    ['an application in capitals', { application: 'Reminders' }],
  ])('with %s is refused', (_what, change) => {
    expect(policyFault({ ...examplePolicy, ...change }, nine)).toEqual(expect.any(String));
    given().when(issue(change)).thenRefused({ code: 'policy_invalid' });
  });
});
