import { describe, expect, it } from '@jest/globals';
import { exampleEvents } from '@ringfence/testing/example-events';
import {
  exampleAccountId,
  exampleHistory,
  exampleKeyId,
  exampleKeyIssued,
  exampleSigningKeyId,
} from '@ringfence/testing/examples';
import { accountModel, type AccountStreamEvent } from '@ringfence/domain/streams/account/account-stream';
import type { AccountState } from '@ringfence/domain/streams/account/account-state';
import type { EventFacts } from './context-catalogue.js';
import { eventFacts } from './event-facts.js';

/** The facts of the last of these events. */
function factsAfter(last: AccountStreamEvent, ...history: readonly AccountStreamEvent[]): EventFacts {
  const before = history.reduce<AccountState>(accountModel.evolve, accountModel.initialState);
  return eventFacts(last, { before, after: accountModel.evolve(before, last) });
}

const { CallPlaced: placed, KeyPolicyChanged: changed } = exampleEvents;
const asPlaced = { keyId: exampleKeyId, keyVersion: 1, policyHash: exampleKeyIssued().policyHash };

describe('the facts of an event', () => {
  it('fix the id of CallPlaced, by which workers dedupe their dials', () => {
    expect(factsAfter(placed, ...exampleHistory())).toEqual({
      subject: placed.callId,
      mode: 'test',
      onBehalfOf: asPlaced,
      presentedKeyId: null,
      eventId: placed.attemptId,
    });
  });

  it.each([
    'CallRinging',
    'CallAnswered',
    'CallExtended',
    'CallHangUpRequested',
    'CallCompleted',
    'CallFailed',
  ] as const)('name for %s the key as it was when the call was placed, whatever has become of it since', (type) => {
    const facts = factsAfter(exampleEvents[type], ...exampleHistory(), placed, changed, exampleEvents.KeyRevoked);
    expect(facts).toEqual({
      subject: placed.callId,
      mode: 'test',
      onBehalfOf: asPlaced,
      presentedKeyId: null,
      eventId: null,
    });
  });

  it.each(['CallRefused', 'CallRefusalsCounted'] as const)('rest %s on nobody and name the key presented', (type) => {
    expect(factsAfter(exampleEvents[type], ...exampleHistory())).toEqual({
      subject: exampleKeyId,
      mode: 'test',
      onBehalfOf: null,
      presentedKeyId: exampleKeyId,
      eventId: null,
    });
  });

  it.each([
    'KeyIssued',
    'SigningKeyRegistered',
    'KeyRotated',
    'KeyPolicyChanged',
    'KeyRevoked',
    'KeyOverlapEnded',
  ] as const)('give %s the mode of its key', (type) => {
    const event = exampleEvents[type];
    expect(factsAfter(event, ...exampleHistory())).toMatchObject({ subject: event.keyId, mode: 'test' });
  });

  it.each(['CommandTurnedAway', 'CommandsTurnedAwayCounted'] as const)(
    'are for %s about the key that was presented where it is the account’s own, else about the account',
    (type) => {
      const event = exampleEvents[type];
      const { SigningKeyRegistered } = exampleEvents;
      const presentedKeyId = exampleSigningKeyId;
      expect(factsAfter(event, ...exampleHistory(), SigningKeyRegistered)).toEqual({
        subject: presentedKeyId,
        mode: 'test',
        onBehalfOf: null,
        presentedKeyId,
        eventId: null,
      });
      const strange = { subject: exampleAccountId, mode: 'live' };
      expect(factsAfter(event, ...exampleHistory())).toMatchObject({ ...strange, presentedKeyId });
      const nobody = { ...event, presentedKeyId: null };
      expect(factsAfter(nobody, ...exampleHistory())).toMatchObject({ ...strange, presentedKeyId: null });
      expect(eventFacts(event, { before: null, after: null })).toMatchObject({ subject: 'platform', presentedKeyId });
    },
  );

  it('are about the account, a subject of it, or the platform for all else', () => {
    const { AccountOpened, CreditAdded, SubjectErased, RateDeckPublished, LogOpened } = exampleEvents;
    expect(factsAfter(AccountOpened)).toMatchObject({ subject: exampleAccountId, mode: 'live' });
    expect(factsAfter(CreditAdded)).toMatchObject({ subject: exampleAccountId, mode: 'test' });
    expect(factsAfter(SubjectErased)).toMatchObject({ subject: SubjectErased.subjectId });
    for (const event of [RateDeckPublished, LogOpened]) {
      expect(eventFacts(event, { before: null, after: null })).toMatchObject({ subject: 'platform', mode: 'live' });
    }
  });
});
