import { type AccountEvent, suspensionReasons } from '@ringfence/domain/accounts/account.events';
import type { AccountLimits } from '@ringfence/domain/limits/account-limits';
import { modes } from '@ringfence/domain/shared/values';
import { about, type ContextCatalogue } from './context-catalogue.js';
import { count, id, microsAmount, moment, nullable, objectOf, oneOf, sealedText, text } from './shape.js';

const mode = oneOf(modes);
const accountLimits = objectOf<AccountLimits>({
  callsPerSecond: count,
  burstCalls: count,
  linesMax: count,
  dailySpendMicrosMax: nullable(microsAmount),
});

export const accountCatalogue: ContextCatalogue<AccountEvent> = {
  AccountOpened: {
    name: 'account.opened',
    version: 1,
    fields: {
      accountId: id('acc'),
      name: sealedText,
      currency: text('currency'),
      region: text('label'),
      timeZone: text('timeZone'),
      openedAtMs: moment,
    },
    facts: ({ accountId }) => about(accountId, 'live'),
    accountWide: true,
  },
  AccountVerified: {
    name: 'account.verified',
    version: 1,
    fields: { accountId: id('acc'), verifiedAtMs: moment },
    facts: ({ accountId }) => about(accountId, 'live'),
    accountWide: true,
  },
  AccountSuspended: {
    name: 'account.suspended',
    version: 1,
    fields: { accountId: id('acc'), reason: oneOf(suspensionReasons), suspendedAtMs: moment },
    facts: ({ accountId }) => about(accountId, 'live'),
    accountWide: true,
  },
  AccountResumed: {
    name: 'account.resumed',
    version: 1,
    fields: { accountId: id('acc'), status: oneOf(['unverified', 'active']), resumedAtMs: moment },
    facts: ({ accountId }) => about(accountId, 'live'),
    accountWide: true,
  },
  AccountLimitsSet: {
    name: 'account.limits_set',
    version: 1,
    fields: { accountId: id('acc'), mode, limits: accountLimits, approved: accountLimits, setAtMs: moment },
    facts: (event) => about(event.accountId, event.mode),
  },
  AccountTimeZoneChanged: {
    name: 'account.time_zone_changed',
    version: 1,
    fields: {
      accountId: id('acc'),
      timeZone: text('timeZone'),
      fromMs: moment,
      firstDay: text('localDay'),
      sharesWith: nullable(text('localDay')),
      zoneData: text('label'),
      changedAtMs: moment,
    },
    facts: ({ accountId }) => about(accountId, 'live'),
    accountWide: true,
  },
  CreditAdded: {
    name: 'account.credit_added',
    version: 1,
    fields: {
      accountId: id('acc'),
      mode,
      amountMicros: microsAmount,
      reference: nullable(sealedText),
      addedAtMs: moment,
    },
    facts: (event) => about(event.accountId, event.mode),
  },
  SubjectErased: {
    name: 'account.subject_erased',
    version: 1,
    fields: { accountId: id('acc'), subjectId: id('sub'), erasedAtMs: moment },
    facts: ({ subjectId }) => about(subjectId, 'live'),
    accountWide: true,
  },
};
