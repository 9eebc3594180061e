import { describe, expect, it } from '@jest/globals';
import {
  byExampleKey,
  exampleAccountId,
  exampleCredit,
  exampleHistory,
  exampleKeyId,
  exampleKeyIssued,
  exampleOpened,
  examplePlaceCall,
  exampleOrder,
  examplePolicy,
  exampleUnbounded,
  exampleVerified,
  nine,
  sealedExample,
} from '@ringfence/testing/examples';
import { PredictableIds } from '@ringfence/testing/predictable-ids';
import { scenariosFor } from '@ringfence/testing/scenarios';
import { addDuration, durationMs, micros } from '@ringfence/kernel/units';
import type { KeyCommand } from '../../keys/key.commands.js';
import type { KeyPolicy } from '../../keys/key-policy.js';
import type { Principal } from '../../shared/values.js';
import { accountModel, type AccountStreamCommand, type AccountStreamEvent } from './account-stream.js';
import { generationMax } from '../../shared/generations.js';
import type { CallPlaced } from '../../calls/call.events.js';

const given = scenariosFor(accountModel);
const operator: Principal = { kind: 'operator', name: 'ops' };
const otherIds = new PredictableIds();
otherIds.keyId();
const otherKeyId = otherIds.keyId();
const later = addDuration(nine, durationMs(1_000));

const command = examplePlaceCall(nine);
function placed(): CallPlaced {
  const state = exampleHistory().reduce(accountModel.evolve, accountModel.initialState);
  const decision = accountModel.decide(command, state);
  if (!decision.accepted || decision.events[0].type !== 'CallPlaced') throw new Error('the example call is placed');
  return decision.events[0];
}
const call = placed();
const hangUp = {
  type: 'HangUpCall',
  accountId: exampleAccountId,
  callId: call.callId,
  legId: null,
  nowMs: later,
} as const;
const hungUp: AccountStreamEvent = {
  type: 'CallHangUpRequested',
  callId: call.callId,
  legId: call.legId,
  keyId: exampleKeyId,
  reason: 'requested',
  requestedAtMs: later,
};
const failed: AccountStreamEvent = {
  type: 'CallFailed',
  callId: call.callId,
  legId: call.legId,
  keyId: exampleKeyId,
  mode: 'test',
  project: call.project,
  application: call.application,
  cause: 'busy',
  releasedMicros: call.reservedMicros,
  localDay: call.localDay,
  zoneData: call.zoneData,
  endedAtMs: later,
};

describe('HangUpCall', () => {
  it('asks for the end of a live call', () => {
    given(...exampleHistory(), call)
      .when({ ...hangUp, principal: byExampleKey })
      .then(hungUp);
    given(...exampleHistory(), call)
      .when({ ...hangUp, legId: call.legId, principal: operator })
      .then(hungUp);
  });

  it('is refused for a call that is over, being ended, unknown, or has no such leg', () => {
    const command = { ...hangUp, principal: byExampleKey };
    given(...exampleHistory(), call, failed)
      .when(command)
      .thenRefused({ code: 'call_not_live' });
    given(...exampleHistory(), call, hungUp)
      .when(command)
      .thenRefused({ code: 'call_not_live' });
    given(...exampleHistory())
      .when(command)
      .thenRefused({ code: 'call_unknown' });
    given(...exampleHistory(), call)
      .when({ ...command, legId: examplePlaceCall(nine).legId })
      .thenRefused({ code: 'leg_not_found' });
  });

  it('needs calls:write', () => {
    given(...exampleHistory({ scopes: ['calls:read'] }), call)
      .when({ ...hangUp, principal: byExampleKey })
      .thenRefused({ code: 'scope_missing' });
  });

  it('does not reach from a test key to a live call', () => {
    given(...exampleHistory(), { ...call, mode: 'live' })
      .when({ ...hangUp, principal: byExampleKey })
      .thenRefused({ code: 'call_unknown' });
  });
});

describe('RevokeKey', () => {
  const revoke = {
    type: 'RevokeKey',
    accountId: exampleAccountId,
    keyId: exampleKeyId,
    reason: 'leaked',
    onRevoke: null,
    nowMs: later,
  } as const;
  const revoked: AccountStreamEvent = {
    type: 'KeyRevoked',
    keyId: exampleKeyId,
    reason: 'leaked',
    onRevoke: 'hangup',
    keyVersion: 2,
    revokedAtMs: later,
  };

  it('hangs up the live calls of the key before it says so, that a key which revokes itself issues nothing after it', () => {
    given(...exampleHistory(), call)
      .when({ ...revoke, principal: byExampleKey })
      .then({ ...hungUp, reason: 'key_revoked' }, revoked);
  });

  it('lets them go on when the policy, or the command, says drain', () => {
    given(...exampleHistory({ onRevoke: 'drain' }), call)
      .when({ ...revoke, principal: operator })
      .then({ ...revoked, onRevoke: 'drain' });
    given(...exampleHistory(), call)
      .when({ ...revoke, onRevoke: 'drain', principal: operator })
      .then({ ...revoked, onRevoke: 'drain' });
    given(...exampleHistory({ onRevoke: 'drain' }), call)
      .when({ ...revoke, onRevoke: 'hangup', principal: operator })
      .then({ ...hungUp, reason: 'key_revoked' }, revoked);
  });

  it('is refused the second time, for every principal', () => {
    given(...exampleHistory(), revoked)
      .when({ ...revoke, principal: operator })
      .thenRefused({ code: 'key_already_revoked' });
  });

  it('ends all authority of the key at once', () => {
    const commands: readonly AccountStreamCommand[] = [
      examplePlaceCall(later),
      { ...hangUp, principal: byExampleKey },
      { ...revoke, principal: byExampleKey },
      issue({}),
    ];
    for (const command of commands) {
      given(...exampleHistory(), call, revoked)
        .when(command)
        .thenRefused({ code: 'key_revoked' });
    }
  });
});

function issue(
  policy: Partial<KeyPolicy>,
  principal: Principal = byExampleKey,
  mode: 'live' | 'test' = 'test',
): KeyCommand {
  const { label, digest, secretHint, policyHash } = exampleKeyIssued();
  return {
    type: 'IssueKey',
    accountId: exampleAccountId,
    keyId: otherKeyId,
    mode,
    label,
    digest,
    secretHint,
    policy: { ...examplePolicy, ...policy },
    policyHash,
    nowMs: later,
    principal,
  };
}

function change(policy: Partial<KeyPolicy>, keyId = exampleKeyId, principal: Principal = byExampleKey): KeyCommand {
  return {
    type: 'ChangeKeyPolicy',
    accountId: exampleAccountId,
    keyId,
    change: policy,
    policyHashOf: () => '00'.repeat(32),
    nowMs: later,
    principal,
  };
}

function rotate(keyId = exampleKeyId, principal: Principal = byExampleKey): KeyCommand {
  const digest = { pepperId: 'p1', hmacSha256: 'ef'.repeat(32) };
  const overlapMs = durationMs(0);
  return {
    type: 'RotateKey',
    accountId: exampleAccountId,
    keyId,
    digest,
    secretHint: 'a1B2',
    overlapMs,
    nowMs: later,
    principal,
  };
}

describe('a key that writes keys', () => {
  it('issues keys with scopes it has', () => {
    given(...exampleHistory(exampleUnbounded))
      .when(issue({ scopes: ['calls:read'] }))
      .then({ ...exampleKeyIssued({ scopes: ['calls:read'] }, otherKeyId), issuedAtMs: later });
  });

  it('issues child keys alone when it is bounded', () => {
    given(...exampleHistory())
      .when(issue({ scopes: ['calls:read'] }))
      .then({
        ...exampleKeyIssued({ scopes: ['calls:read'] }, otherKeyId),
        parentKeyId: exampleKeyId,
        issuedAtMs: later,
      });
  });

  it('hands on no scope that it lacks', () => {
    const stronger = exampleKeyIssued({ scopes: ['calls:write', 'billing:read'] }, otherKeyId);
    given(...exampleHistory())
      .when(issue({ scopes: ['calls:read', 'billing:read'] }))
      .thenRefused({ code: 'scope_missing' });
    given(...exampleHistory())
      .when(change({ scopes: ['keys:write', 'billing:read'] }))
      .thenRefused({ code: 'scope_missing' });
    given(...exampleHistory(exampleUnbounded), stronger)
      .when(rotate(otherKeyId))
      .thenRefused({ code: 'scope_missing' });
    given(...exampleHistory())
      .when(issue({ scopes: ['calls:read', 'billing:read'] }, operator))
      .then({ ...exampleKeyIssued({ scopes: ['calls:read', 'billing:read'] }, otherKeyId), issuedAtMs: later });
  });

  it('cannot manage live keys when it is a test key', () => {
    const live: AccountStreamEvent = { ...exampleKeyIssued({}, otherKeyId), mode: 'live' };
    given(...exampleHistory())
      .when(issue({}, byExampleKey, 'live'))
      .thenRefused({ code: 'presenter_not_allowed' });
    given(...exampleHistory(), live)
      .when(change({}, otherKeyId))
      .thenRefused({ code: 'presenter_not_allowed' });
  });

  it.each<[string, Partial<KeyPolicy>, Partial<KeyPolicy>]>([
    ['calls per second', {}, { callsPerSecond: 11 }],
    ['burst', {}, { burstCalls: 6 }],
    ['lines', {}, { linesMax: 21 }],
    ['daily spend', { dailySpendMicrosMax: micros(5n) }, { dailySpendMicrosMax: null }],
    ['daily spend', { dailySpendMicrosMax: micros(5n) }, { dailySpendMicrosMax: micros(6n) }],
    ['expiry', { expiresAtMs: addDuration(later, durationMs(5)) }, { expiresAtMs: null }],
    ['destinations', { destinationPrefixes: ['49'] }, { destinationPrefixes: ['4'] }],
    ['destinations', { destinationPrefixes: ['49'] }, { destinationPrefixes: null }],
    ['destinations', {}, { destinationPrefixes: ['1900'] }],
    ['destinations', { destinationPrefixes: ['1'] }, { destinationPrefixes: ['1900'] }],
    ['caller numbers', { callerNumbers: [] }, { callerNumbers: [sealedExample('+14155550100')] }],
    ['source ranges', { sourceCidrs: ['10.0.0.0/8'] }, { sourceCidrs: null }],
  ])('does not widen its own %s', (what, has, wanted) => {
    const history = [exampleOpened, exampleVerified, exampleCredit, exampleKeyIssued(has)] as const;
    given(...history)
      .when(change({ ...has, ...wanted }))
      .thenRefused({
        code: 'presenter_not_allowed',
        detail: `A key may narrow its own policy, never widen it: ${what}.`,
      });
  });

  it('narrows its own policy', () => {
    const narrow = {
      callsPerSecond: 1,
      linesMax: 0,
      destinationPrefixes: ['49', '4930'],
      scopes: ['keys:write'],
    } as const;
    given(...exampleHistory())
      .when({ ...change(narrow), destinationOrder: exampleOrder })
      .then({
        type: 'KeyPolicyChanged',
        keyId: exampleKeyId,
        policy: { ...examplePolicy, ...narrow },
        policyHash: '00'.repeat(32),
        keyVersion: 2,
        changedAtMs: later,
      });
  });
});

describe('EraseSubject', () => {
  const { subjectId } = sealedExample('+14155550100');
  const erase = {
    type: 'EraseSubject',
    accountId: exampleAccountId,
    subjectId,
    nowMs: later,
    principal: operator,
  } as const;
  const erased: AccountStreamEvent = {
    type: 'SubjectErased',
    accountId: exampleAccountId,
    subjectId,
    erasedAtMs: later,
  };

  it('is recorded once, however many ask for it at once', () => {
    given(...exampleHistory())
      .when(erase)
      .then(erased);
    given(...exampleHistory(), erased)
      .when(erase)
      .thenRefused({ code: 'subject_unknown' });
    given(...exampleHistory(), erased)
      .when({ ...erase, subjectId: sealedExample('+14155550101').subjectId })
      .then({ ...erased, subjectId: sealedExample('+14155550101').subjectId });
  });

  it('is remembered by a snapshot, and after thousands of others', () => {
    const ids = new PredictableIds(5_000);
    const others = Array.from({ length: generationMax }, () => ({ ...erased, subjectId: ids.subjectId() }));
    const state = [...exampleHistory(), erased, ...others].reduce(accountModel.evolve, accountModel.initialState);
    for (const each of [state, accountModel.restore([...accountModel.snapshot(state)])])
      expect(accountModel.decide(erase, each)).toMatchObject({
        accepted: false,
        refusal: { code: 'subject_unknown' },
      });
  });
});

describe('who may command what', () => {
  const worker: Principal = { kind: 'worker', workerId: 'wrk_1' };
  const suspend = { type: 'SuspendAccount', accountId: exampleAccountId, reason: 'requested', nowMs: later } as const;
  const credit = { ...exampleCredit, type: 'AddCredit', nowMs: later } as const;

  it('is an operator for what concerns the account itself', () => {
    given(...exampleHistory({ scopes: ['accounts:admin'] }))
      .when({ ...credit, principal: byExampleKey })
      .thenRefused({ code: 'presenter_not_allowed' });
    given(...exampleHistory())
      .when({ ...credit, principal: operator })
      .then({ ...exampleCredit, addedAtMs: later });
  });

  it('is the account too for what only takes away, with accounts:admin', () => {
    given(...exampleHistory())
      .when({ ...suspend, principal: byExampleKey })
      .thenRefused({ code: 'scope_missing' });
    const live = { ...exampleKeyIssued({ scopes: ['accounts:admin'] }), mode: 'live' } as const;
    given(exampleOpened, exampleVerified, exampleCredit, live)
      .when({ ...suspend, principal: byExampleKey })
      .then({ type: 'AccountSuspended', accountId: exampleAccountId, reason: 'requested', suspendedAtMs: later });
  });

  it('is a worker for progress, and a worker for nothing else', () => {
    given(...exampleHistory(), call)
      .when({ ...hangUp, principal: worker })
      .thenRefused({ code: 'presenter_not_allowed' });
    const signal = { kind: 'ringing' } as const;
    const { callId, attemptId } = call;
    given(...exampleHistory(), call)
      .when({
        type: 'RecordCallProgress',
        accountId: exampleAccountId,
        callId,
        attemptId,
        signal,
        nowMs: later,
        principal: operator,
      })
      .thenRefused({ code: 'presenter_not_allowed' });
  });

  it('does not exist for an account that was never opened, or for another account’s key', () => {
    given().when(issue({}, operator)).thenRefused({ code: 'account_unknown' });
    given(...exampleHistory())
      .when({ ...issue({}, operator), accountId: new PredictableIds().accountId() })
      .then({ ...exampleKeyIssued({}, otherKeyId), issuedAtMs: later });
    given(...exampleHistory())
      .when({ ...issue({}, operator), accountId: null })
      .thenRefused({ code: 'account_mismatch' });
  });

  it('is no key that the account does not know', () => {
    given(...exampleHistory())
      .when({ ...hangUp, principal: { kind: 'key', keyId: otherKeyId, home: 'account' } })
      .thenRefused({ code: 'key_unknown' });
  });
});
