import { micros, type Micros } from '@ringfence/kernel/units';
import type { DomainEvent } from './domain-event.js';
import type { Mode } from './shared/values.js';

/**
 * `cash` is money received (an asset); `available` and `reserved` are owed to the customer (liabilities); `revenue` is earned.
 * A positive amount is a debit, a negative one a credit.
 */
export const ledgerAccounts = ['cash', 'available', 'reserved', 'revenue'] as const;
export type LedgerAccount = (typeof ledgerAccounts)[number];
export type Posting = { readonly book: Mode; readonly account: LedgerAccount; readonly amountMicros: Micros };

/**
 * The double entry of one event. It only maps the amounts that the event carries and is frozen for each event version, so closed
 * periods never move. The sum of each event's postings is zero; postings of nothing are left out.
 */
export function postings(event: DomainEvent): readonly Posting[] {
  switch (event.type) {
    case 'CreditAdded':
      return entry(event.mode, [
        ['cash', event.amountMicros],
        ['available', 0n - event.amountMicros],
      ]);
    case 'CallPlaced':
      return entry(event.mode, [
        ['available', event.reservedMicros],
        ['reserved', 0n - event.reservedMicros],
      ]);
    case 'CallExtended':
      return entry(event.mode, [
        ['available', event.addedMicros],
        ['reserved', 0n - event.addedMicros],
      ]);
    case 'CallCompleted':
      return entry(event.mode, [
        ['reserved', event.chargedMicros + event.releasedMicros],
        ['revenue', 0n - event.chargedMicros],
        ['available', 0n - event.releasedMicros],
      ]);
    case 'CallFailed':
      return entry(event.mode, [
        ['reserved', event.releasedMicros],
        ['available', 0n - event.releasedMicros],
      ]);
    case 'AccountOpened':
    case 'AccountVerified':
    case 'AccountSuspended':
    case 'AccountResumed':
    case 'AccountLimitsSet':
    case 'AccountTimeZoneChanged':
    case 'SubjectErased':
    case 'KeyIssued':
    case 'SigningKeyRegistered':
    case 'KeyRotated':
    case 'KeyPolicyChanged':
    case 'KeyRevoked':
    case 'KeyOverlapEnded':
    case 'CallRinging':
    case 'CallAnswered':
    case 'CallHangUpRequested':
    case 'CallRefused':
    case 'CallRefusalsCounted':
    case 'CommandTurnedAway':
    case 'CommandsTurnedAwayCounted':
    case 'LogOpened':
    case 'RateDeckPublished':
    case 'NumberRangeOpened':
      return [];
  }
}

function entry(book: Mode, lines: readonly (readonly [LedgerAccount, bigint])[]): readonly Posting[] {
  return lines
    .filter(([, amount]) => amount !== 0n)
    .map(([account, amount]) => ({ book, account, amountMicros: micros(amount) }));
}
