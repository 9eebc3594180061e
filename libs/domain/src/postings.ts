import { micros, type Micros } from '@ringfence/kernel/units';
import type { CallPlaced } from './calls/call.events.js';
import type { DomainEvent } from './domain-event.js';
import { handlerOf } from './event-handlers.js';
import type { Mode } from './shared/values.js';

/**
 * `cash` is money received (an asset); `available` and `reserved` are owed to the customer (liabilities); `revenue` is
 * earned. A positive amount is a debit, a negative one a credit.
 */
export const ledgerAccounts = ['cash', 'available', 'reserved', 'revenue'] as const;
export type LedgerAccount = (typeof ledgerAccounts)[number];
type Posting = { readonly book: Mode; readonly account: LedgerAccount; readonly amountMicros: Micros };

/**
 * The double entry of one event. Maps only the amounts in the event, and is frozen for each event version, so that
 * closed periods never change. The postings of an event sum to zero; postings of zero are omitted.
 */
export function postings(event: DomainEvent): readonly Posting[] {
  return postingsOf(event) ?? [];
}

const postingsOf = handlerOf<readonly Posting[]>({
  accounts: {
    CreditAdded: ({ mode, amountMicros }) =>
      entry(mode, [
        ['cash', amountMicros],
        ['available', 0n - amountMicros],
      ]),
    AccountOpened: 'ignore',
    AccountVerified: 'ignore',
    AccountSuspended: 'ignore',
    AccountResumed: 'ignore',
    AccountLimitsSet: 'ignore',
    AccountTimeZoneChanged: 'ignore',
    SubjectErased: 'ignore',
  },
  calls: {
    CallPlaced: reservation,
    CallReceived: reservation,
    InboundCallSimulated: 'ignore',
    CallExtended: ({ mode, addedMicros }) =>
      entry(mode, [
        ['available', addedMicros],
        ['reserved', 0n - addedMicros],
      ]),
    CallCompleted: ({ mode, chargedMicros, releasedMicros }) =>
      entry(mode, [
        ['reserved', chargedMicros + releasedMicros],
        ['revenue', 0n - chargedMicros],
        ['available', 0n - releasedMicros],
      ]),
    CallFailed: ({ mode, releasedMicros }) =>
      entry(mode, [
        ['reserved', releasedMicros],
        ['available', 0n - releasedMicros],
      ]),
    CallRinging: 'ignore',
    CallFlowRequested: 'ignore',
    CallFlowReplied: 'ignore',
    CallActionStarted: 'ignore',
    CallActionEnded: 'ignore',
    CallFlowFailed: 'ignore',
    CallMuteRequested: 'ignore',
    CallDigitsRequested: 'ignore',
    CallPlaybackRequested: 'ignore',
    CallPlaybackEnded: 'ignore',
    CallAnswered: 'ignore',
    CallHangUpRequested: 'ignore',
    CallRefused: 'ignore',
    CallRefusalsCounted: 'ignore',
  },
  keys: 'ignore',
  rejections: 'ignore',
  webhooks: 'ignore',
  apps: 'ignore',
  trunks: 'ignore',
  numbers: 'ignore',
  inventory: 'ignore',
  platform: 'ignore',
});

/** The reservation of a new call. */
function reservation({ mode, reservedMicros }: Pick<CallPlaced, 'mode' | 'reservedMicros'>): readonly Posting[] {
  return entry(mode, [
    ['available', reservedMicros],
    ['reserved', 0n - reservedMicros],
  ]);
}

function entry(book: Mode, lines: readonly (readonly [LedgerAccount, bigint])[]): readonly Posting[] {
  return lines
    .filter(([, amount]) => amount !== 0n)
    .map(([account, amount]) => ({ book, account, amountMicros: micros(amount) }));
}
