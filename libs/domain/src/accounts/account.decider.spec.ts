import { describe, it } from '@jest/globals';
import {
  exampleCalendar,
  exampleAccountId,
  exampleCredit,
  exampleOpened,
  exampleVerified,
  nine,
  sealedExample,
} from '@ringfence/testing/examples';
import { scenariosFor } from '@ringfence/testing/scenarios';
import { addDuration, durationMs, micros } from '@ringfence/kernel/units';
import type { Principal } from '../shared/values.js';
import type { OpenAccount } from './account.commands.js';
import { accountDecider, creditMicrosMax } from './account.decider.js';
import type { AccountLifeEvent as AccountEvent } from './account.events.js';

const given = scenariosFor(accountDecider);
const principal: Principal = { kind: 'operator', name: 'ops' };
const later = addDuration(nine, durationMs(1_000));
const accountId = exampleAccountId;
const suspended: AccountEvent = { type: 'AccountSuspended', accountId, reason: 'unpaid', suspendedAtMs: nine };
const open: OpenAccount = {
  type: 'OpenAccount',
  accountId,
  name: exampleOpened.name,
  currency: 'USD',
  region: 'eu',
  timeZone: 'Europe/Berlin',
  pricedCurrencies: ['USD', 'EUR'],
  calendar: exampleCalendar,
  zoneDisputed: false,
  nowMs: nine,
  principal,
};

describe('an account', () => {
  it('is opened once', () => {
    given().when(open).then(exampleOpened);
    given(exampleOpened).when(open).thenRefused({ code: 'account_already_open' });
  });

  it('is opened in a time zone that exists', () => {
    given()
      .when({ ...open, timeZone: 'Mars/Olympus' })
      .thenRefused({ code: 'time_zone_invalid' });
  });

  it('is opened in a currency of ISO 4217 that calls have a price in', () => {
    for (const currency of ['XYZ', 'DEM', 'X'.repeat(3), 'XTS', 'XAU', 'usd'])
      given()
        .when({ ...open, currency })
        .thenRefused({ code: 'currency_invalid' });
    given()
      .when({ ...open, currency: 'CHF' })
      .thenRefused({ code: 'currency_without_deck', detail: 'No rate deck in CHF is in force; there are: USD, EUR.' });
    given()
      .when({ ...open, pricedCurrencies: [] })
      .thenRefused({ code: 'currency_without_deck', detail: 'No rate deck in USD is in force; none is.' });
    given()
      .when({ ...open, currency: 'EUR' })
      .then({ ...exampleOpened, currency: 'EUR' });
  });

  it('is verified once, and not while it is suspended', () => {
    const verify = { type: 'VerifyAccount', accountId, nowMs: nine, principal } as const;
    given(exampleOpened).when(verify).then(exampleVerified);
    given(exampleOpened, exampleVerified).when(verify).thenRefused({ code: 'account_already_verified' });
    given(exampleOpened, suspended).when(verify).thenRefused({ code: 'account_suspended' });
  });

  it('is suspended once, verified or not', () => {
    const suspend = { type: 'SuspendAccount', accountId, reason: 'fraud', nowMs: later, principal } as const;
    const event: AccountEvent = { type: 'AccountSuspended', accountId, reason: 'fraud', suspendedAtMs: later };
    given(exampleOpened).when(suspend).then(event);
    given(exampleOpened, exampleVerified).when(suspend).then(event);
    given(exampleOpened, suspended).when(suspend).thenRefused({ code: 'account_already_suspended' });
  });

  it('is resumed to what it was, and only from a suspension', () => {
    const resume = { type: 'ResumeAccount', accountId, nowMs: later, principal } as const;
    const resumed = (status: 'unverified' | 'active'): AccountEvent => ({
      type: 'AccountResumed',
      accountId,
      status,
      resumedAtMs: later,
    });
    given(exampleOpened, suspended).when(resume).then(resumed('unverified'));
    given(exampleOpened, exampleVerified, suspended).when(resume).then(resumed('active'));
    given(exampleOpened, exampleVerified).when(resume).thenRefused({ code: 'account_not_suspended' });
    given(exampleOpened, suspended, resumed('unverified')).when(resume).thenRefused({ code: 'account_not_suspended' });
    given(exampleOpened, exampleVerified, suspended, resumed('active'))
      .when({ type: 'SuspendAccount', accountId, reason: 'fraud', nowMs: later, principal })
      .then({ type: 'AccountSuspended', accountId, reason: 'fraud', suspendedAtMs: later });
    given().when(resume).thenRefused({ code: 'account_unknown' });
  });

  it('takes credit of more than nothing and less than a slip of the finger', () => {
    const credit = { ...exampleCredit, type: 'AddCredit', nowMs: nine, principal } as const;
    given(exampleOpened).when(credit).then(exampleCredit);
    for (const wrong of [0n, -1n, creditMicrosMax + 1n]) {
      given(exampleOpened)
        .when({ ...credit, amountMicros: micros(wrong) })
        .thenRefused({ code: 'amount_invalid' });
    }
  });

  it('has a subject erased', () => {
    const { subjectId } = sealedExample('+14155550100');
    given(exampleOpened)
      .when({ type: 'EraseSubject', accountId, subjectId, nowMs: later, principal })
      .then({ type: 'SubjectErased', accountId, subjectId, erasedAtMs: later });
  });

  it('has nothing erased that is not known', () => {
    given(exampleOpened)
      .when({ type: 'EraseSubject', accountId, subjectId: null, nowMs: later, principal })
      .thenRefused({ code: 'subject_unknown' });
  });

  it('that was never opened takes nothing', () => {
    given().when({ type: 'VerifyAccount', accountId, nowMs: nine, principal }).thenRefused({ code: 'account_unknown' });
  });
});
