import { describe, expect, it } from '@jest/globals';
import { exampleEvents } from '@ringfence/testing/example-events';
import {
  exampleCalendar,
  exampleAccountId,
  exampleKeyId,
  exampleKeyIssued,
  examplePolicy,
  exampleSigningKeyRegistered,
  nine,
} from '@ringfence/testing/examples';
import { PredictableIds } from '@ringfence/testing/predictable-ids';
import { scenariosFor } from '@ringfence/testing/scenarios';
import { addDuration, durationMs } from '@ringfence/kernel/units';
import type { KeyCommand } from '../../keys/key.commands.js';
import type { KeyIssued } from '../../keys/key.events.js';
import type { PlatformEvent } from '../../platform/platform.events.js';
import { operatorRefusal } from './platform-authorization.js';
import type { PlatformStreamEvent } from './platform-messages.js';
import { platformModel } from './platform-stream.js';
import type { PlatformState } from './platform-state.js';
import type { Principal } from '../../shared/values.js';

const given = scenariosFor(platformModel);
const ids = new PredictableIds();
const operator: Principal = { kind: 'operator', name: 'ops' };
const byKey: Principal = { kind: 'key', keyId: exampleKeyId, home: 'platform' };
const later = addDuration(nine, durationMs(60_000));

const opened: PlatformEvent = { type: 'LogOpened', logId: ids.logId(), laneCount: 64, openedAtMs: nine };
const deck = {
  deckId: ids.deckId(),
  currency: 'USD',
  rowCount: 3,
  rowsSha256: 'ab'.repeat(32),
  effectiveFromMs: nine,
} as const;
const published: PlatformEvent = { type: 'RateDeckPublished', ...deck, deckVersion: 1 };
const operatorKey = (scopes: KeyIssued['policy']['scopes'] = ['accounts:admin', 'keys:write']): KeyIssued => ({
  ...exampleKeyIssued({ scopes }),
  accountId: null,
});

describe('the log', () => {
  it('is opened once', () => {
    const open = { type: 'OpenLog', logId: opened.logId, laneCount: 64, nowMs: nine, principal: operator } as const;
    given().when(open).then(opened);
    given(opened).when(open).thenRefused({ code: 'log_already_open' });
  });
});

describe('a rate deck', () => {
  const publish = { type: 'PublishRateDeck', ...deck, nowMs: nine, principal: operator } as const;

  it('is published under an id of its own and counted within its currency', () => {
    given().when(publish).then(published);
    given(published).when(publish).thenRefused({ code: 'deck_already_published' });
    const next = { ...deck, deckId: ids.deckId() };
    given(published)
      .when({ ...publish, ...next })
      .then({ type: 'RateDeckPublished', ...next, deckVersion: 2 });
    given(published)
      .when({ ...publish, ...next, currency: 'EUR' })
      .then({ type: 'RateDeckPublished', ...next, currency: 'EUR', deckVersion: 1 });
  });

  it('is published in a currency of ISO 4217', () => {
    given()
      .when({ ...publish, currency: 'XYZ' })
      .thenRefused({ code: 'currency_invalid' });
  });

  it("is published with an operator's key that has accounts:admin", () => {
    given(operatorKey())
      .when({ ...publish, principal: byKey })
      .then(published);
    given(operatorKey(['keys:write']))
      .when({ ...publish, principal: byKey })
      .thenRefused({ code: 'scope_missing' });
    given()
      .when({ ...publish, principal: byKey })
      .thenRefused({ code: 'key_unknown' });
    given(operatorKey())
      .when({ ...publish, principal: { ...byKey, home: 'account' } })
      .thenRefused({ code: 'presenter_not_allowed' });
  });
});

describe("an operator's key", () => {
  const { label, digest, secretHint, policyHash } = exampleKeyIssued();
  const issue: KeyCommand = {
    type: 'IssueKey',
    accountId: null,
    keyId: exampleKeyId,
    mode: 'test',
    label,
    digest,
    secretHint,
    policy: { ...examplePolicy, scopes: ['accounts:admin', 'keys:write'] },
    policyHash,
    nowMs: nine,
    principal: operator,
  };

  it('belongs to no account', () => {
    given().when(issue).then(operatorKey());
    given()
      .when({ ...issue, accountId: exampleAccountId })
      .thenRefused({ code: 'account_mismatch' });
  });

  it('is issued by another only when that may do everything', () => {
    ids.keyId();
    const command: KeyCommand = { ...issue, keyId: ids.keyId(), principal: byKey };
    given(operatorKey(['keys:write']))
      .when(command)
      .thenRefused({ code: 'scope_missing' });
    given(operatorKey())
      .when(command)
      .then({ ...operatorKey(), keyId: command.keyId });
  });

  it('is opened while it is in force', () => {
    const state = (...events: readonly PlatformStreamEvent[]) =>
      events.reduce<PlatformState>(platformModel.evolve, platformModel.initialState);
    const revoked: PlatformStreamEvent = {
      type: 'KeyRevoked',
      keyId: exampleKeyId,
      reason: 'leaked',
      onRevoke: 'drain',
      keyVersion: 2,
      revokedAtMs: nine,
    };
    expect(operatorRefusal(state(operatorKey()), exampleKeyId, 'accounts:admin', nine)).toBeUndefined();
    expect(operatorRefusal(state(operatorKey()), exampleKeyId, 'audit:read', nine)?.code).toBe('scope_missing');
    expect(operatorRefusal(state(operatorKey(), revoked), exampleKeyId, 'accounts:admin', nine)?.code).toBe(
      'key_revoked',
    );
    expect(operatorRefusal(state(), exampleKeyId, 'accounts:admin', nine)?.code).toBe('key_unknown');
  });

  it('has an overlap that time ends', () => {
    const rotated: PlatformStreamEvent = {
      type: 'KeyRotated',
      keyId: exampleKeyId,
      digest,
      secretHint,
      overlapUntilMs: later,
      previousDigest: digest,
      keyVersion: 2,
      rotatedAtMs: nine,
    };
    const state = [operatorKey(), rotated].reduce<PlatformState>(platformModel.evolve, platformModel.initialState);
    expect(platformModel.nextDueMs(state)).toBe(later);
    const act = { type: 'ActOnTime', calendar: exampleCalendar, principal: { kind: 'timer' } } as const;
    given(operatorKey(), rotated)
      .when({ ...act, nowMs: nine })
      .thenRefused({ code: 'nothing_due' });
    given(operatorKey(), rotated)
      .when({ ...act, nowMs: later })
      .then({ type: 'KeyOverlapEnded', keyId: exampleKeyId, endedAtMs: later });
    given(operatorKey(), rotated)
      .when({ ...act, nowMs: later, principal: operator })
      .thenRefused({ code: 'presenter_not_allowed' });
  });
});

describe('a command of the platform that was rejected', () => {
  const rejection = {
    type: 'TurnAwayCommand',
    accountId: null,
    presentedKeyId: exampleKeyId,
    code: 'signature_invalid',
    commandType: 'OpenAccount',
    count: 1,
    nowMs: nine,
    principal: { kind: 'worker', workerId: 'prc_example' },
  } as const;
  const { accountId: _, ...recorded } = {
    ...rejection,
    type: 'CommandTurnedAway',
    turnedAwayAtMs: nine,
    commandType: 'open_account',
  } as const;
  const { nowMs: _now, principal: _principal, ...rejected } = recorded;

  it('is reported to its stream by the platform itself only', () => {
    given().when(rejection).then(rejected);
    given()
      .when({ ...rejection, principal: operator })
      .thenRefused({ code: 'presenter_not_allowed' });
  });

  it('is counted when it is one of many, by time or before the next in full', () => {
    const counted = { code: 'turning_away_counted' } as const;
    given(rejected).when(rejection).thenRefused(counted);
    const before = platformModel.evolve(platformModel.initialState, rejected);
    const refusal = { ...counted, detail: 'It is counted.' };
    const state = platformModel.afterRefusal(rejection, before, refusal);
    const nextSecond = addDuration(nine, durationMs(1_000));
    expect(platformModel.nextDueMs(state)).toBe(nextSecond);
    const { presentedKeyId, code } = rejection;
    const sum = {
      type: 'CommandsTurnedAwayCounted',
      presentedKeyId,
      code,
      secondStartMs: nine,
      count: 1,
      countedAtMs: nextSecond,
    } as const;
    const byTime = {
      type: 'ActOnTime',
      calendar: exampleCalendar,
      principal: { kind: 'timer' },
      nowMs: nextSecond,
    } as const;
    expect(platformModel.decide(byTime, state)).toEqual({ accepted: true, events: [sum] });
    expect(platformModel.nextDueMs(platformModel.evolve(state, sum))).toBeNull();
    expect(platformModel.decide({ ...rejection, nowMs: nextSecond }, state)).toMatchObject({ events: [sum, {}] });
  });

  it('leaves a trace too when an operator’s key lacks the scope, and is counted', () => {
    const command = { type: 'OpenLog', logId: opened.logId, laneCount: 64, nowMs: nine, principal: byKey } as const;
    const publish = { type: 'PublishRateDeck', ...deck, nowMs: nine, principal: byKey } as const;
    const state = platformModel.evolve(platformModel.initialState, operatorKey(['keys:write']));
    const decision = platformModel.decide(publish, state);
    expect(decision).toMatchObject({
      refusal: { code: 'scope_missing' },
      trace: [{ type: 'CommandTurnedAway', presentedKeyId: exampleKeyId, commandType: 'publish_rate_deck' }],
    });
    if (decision.accepted) throw new Error('it was to be refused');
    const refused = platformModel.afterRefusal(publish, state, decision.refusal);
    const after = decision.trace.reduce(platformModel.evolve, refused);
    expect(platformModel.nextDueMs(after)).toBeNull();
    const again = platformModel.decide(publish, after);
    expect(again).toMatchObject({ trace: [] });
    if (again.accepted) throw new Error('it was to be refused');
    expect(platformModel.nextDueMs(platformModel.afterRefusal(publish, after, again.refusal))).not.toBeNull();
    expect(platformModel.decide(command, after)).toMatchObject({ trace: [{ code: 'presenter_not_allowed' }] });
  });
});

describe('a snapshot of the platform', () => {
  it('gives back the state it was taken of', () => {
    const signing = { ...exampleSigningKeyRegistered(), accountId: null };
    const { CommandTurnedAway } = exampleEvents;
    const state = [opened, published, operatorKey(), signing, CommandTurnedAway].reduce<PlatformState>(
      platformModel.evolve,
      platformModel.initialState,
    );
    const pieces = JSON.parse(JSON.stringify([...platformModel.snapshot(state)])) as Parameters<
      typeof platformModel.restore
    >[0];
    expect(platformModel.restore(pieces)).toEqual(state);
    expect(platformModel.size(state)).toBe(4);
  });
});
