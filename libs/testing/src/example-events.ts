import type { DomainEvent, DomainEventType } from '@ringfence/domain/domain-event';
import { addDuration, durationMs, epochMs, localDay, micros } from '@ringfence/kernel/units';
import {
  exampleAccountId,
  exampleCredit,
  exampleDeckId,
  exampleKeyId,
  exampleKeyIssued,
  exampleOpened,
  examplePolicy,
  exampleVerified,
  nine,
  sealedExample,
} from './examples.js';
import { PredictableIds } from './predictable-ids.js';

const ids = new PredictableIds(900);
const callId = ids.callId();
const legId = ids.legId();
const attemptId = ids.eventId();
const ofCall = { callId, legId, keyId: exampleKeyId } as const;
const labels = { mode: 'test', project: examplePolicy.project, application: examplePolicy.application } as const;
const day = localDay('2026-09-21');
const second = (count: number) => addDuration(nine, durationMs(count * 1_000));

type EventOf<Type extends DomainEventType> = Extract<DomainEvent, { type: Type }>;

/** One event of every type: the story of one call that was extended and completed, and of one that failed. */
export const exampleEvents: { readonly [Type in DomainEventType]: EventOf<Type> } = {
  LogOpened: { type: 'LogOpened', logId: ids.logId(), laneCount: 64, openedAtMs: nine },
  RateDeckPublished: {
    type: 'RateDeckPublished',
    deckId: exampleDeckId,
    deckVersion: 1,
    currency: 'USD',
    rowCount: 3,
    rowsSha256: 'ab'.repeat(32),
    effectiveFromMs: epochMs(0),
  },
  AccountOpened: exampleOpened,
  AccountVerified: exampleVerified,
  AccountSuspended: {
    type: 'AccountSuspended',
    accountId: exampleAccountId,
    reason: 'fraud',
    suspendedAtMs: second(600),
  },
  CreditAdded: exampleCredit,
  SubjectErased: {
    type: 'SubjectErased',
    accountId: exampleAccountId,
    subjectId: sealedExample('+15005550000').subjectId,
    erasedAtMs: second(700),
  },
  KeyIssued: exampleKeyIssued(),
  KeyRotated: {
    type: 'KeyRotated',
    keyId: exampleKeyId,
    digest: { pepperId: 'p1', hmacSha256: 'ef'.repeat(32) },
    secretHint: 'a1B2',
    overlapUntilMs: second(60),
    previousDigest: exampleKeyIssued().digest,
    keyVersion: 2,
    rotatedAtMs: nine,
  },
  KeyPolicyChanged: {
    type: 'KeyPolicyChanged',
    keyId: exampleKeyId,
    policy: { ...examplePolicy, linesMax: 500 },
    policyHash: '01'.repeat(32),
    keyVersion: 3,
    changedAtMs: nine,
  },
  KeyRevoked: {
    type: 'KeyRevoked',
    keyId: exampleKeyId,
    reason: 'leaked',
    onRevoke: 'hangup',
    keyVersion: 4,
    revokedAtMs: second(500),
  },
  KeyOverlapEnded: { type: 'KeyOverlapEnded', keyId: exampleKeyId, endedAtMs: second(60) },
  CallPlaced: {
    type: 'CallPlaced',
    ...ofCall,
    ...labels,
    attemptId,
    accountId: exampleAccountId,
    from: sealedExample('+14155550100'),
    to: sealedExample('+15005550000'),
    flowUrl: sealedExample('https://app.example/flow'),
    statusCallbackUrl: null,
    record: true,
    ringTimeoutMs: durationMs(60_000),
    rate: {
      deckId: exampleDeckId,
      deckVersion: 1,
      prefix: '1500555',
      country: 'ZZ',
      connectFeeMicros: micros(0n),
      perMinuteMicros: micros(12_000n),
      minimumMs: durationMs(1_000),
      incrementMs: durationMs(1_000),
    },
    candidates: [{ trunk: 'sandbox', tier: 'standard', rank: 1 }],
    authorisedForMs: durationMs(300_000),
    reservedMicros: micros(60_000n),
    localDay: day,
    placedAtMs: second(1),
  },
  CallRinging: { type: 'CallRinging', ...ofCall, attemptId, ringingAtMs: second(2) },
  CallAnswered: { type: 'CallAnswered', ...ofCall, attemptId, answeredAtMs: second(4) },
  CallExtended: {
    type: 'CallExtended',
    ...ofCall,
    mode: 'test',
    authorisedForMs: durationMs(600_000),
    addedMicros: micros(60_000n),
    reservedMicros: micros(120_000n),
    localDay: day,
    extendedAtMs: second(154),
  },
  CallHangUpRequested: {
    type: 'CallHangUpRequested',
    ...ofCall,
    reason: 'key_revoked',
    requestedAtMs: second(500),
  },
  CallCompleted: {
    type: 'CallCompleted',
    ...ofCall,
    ...labels,
    cause: 'key_revoked',
    endedBy: 'platform',
    talkTimeMs: durationMs(496_200),
    billedMs: durationMs(497_000),
    chargedMicros: micros(99_400n),
    releasedMicros: micros(20_600n),
    localDay: day,
    endedAtMs: second(501),
  },
  CallFailed: {
    type: 'CallFailed',
    ...ofCall,
    ...labels,
    cause: 'busy',
    releasedMicros: micros(60_000n),
    localDay: day,
    endedAtMs: second(3),
  },
  CallRefused: {
    type: 'CallRefused',
    presentedKeyId: exampleKeyId,
    mode: 'test',
    code: 'rate_limited',
    to: sealedExample('+15005550000'),
    refusedAtMs: second(1),
  },
  CallRefusalsCounted: {
    type: 'CallRefusalsCounted',
    presentedKeyId: exampleKeyId,
    mode: 'test',
    code: 'rate_limited',
    secondStartMs: second(1),
    count: 9,
    countedAtMs: second(2),
  },
};
