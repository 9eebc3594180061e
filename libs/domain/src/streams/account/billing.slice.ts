import { zeroMicros, type Micros } from '@ringfence/kernel/units';
import type { CreditAdded } from '../../accounts/account.events.js';
import { credited, emptyBook, reserved, settled, type Book } from '../../billing/ledger/book.js';
import type { BegunCall } from '../../calls/begun-call.js';
import type { CallCompleted, CallExtended, CallFailed } from '../../calls/call.events.js';
import type { Mode } from '../../shared/values.js';
import type { AccountState } from './account-state.js';

export type BillingShare = { readonly books: Readonly<Record<Mode, Book>> };

export const initial: BillingShare = { books: { live: emptyBook, test: emptyBook } };

export function creditAdded({ books }: BillingShare, { mode, amountMicros }: CreditAdded): BillingShare {
  return withBook(books, mode, credited(books[mode], amountMicros));
}

export function callBegan({ books }: BillingShare, { mode, reservedMicros }: BegunCall): BillingShare {
  return withBook(books, mode, reserved(books[mode], reservedMicros));
}

export function callExtended({ books }: BillingShare, { mode, addedMicros }: CallExtended): BillingShare {
  return withBook(books, mode, reserved(books[mode], addedMicros));
}

export function callCompleted(before: Settling, event: CallCompleted): Partial<BillingShare> {
  return settledIn(before, event, event.chargedMicros);
}

export function callFailed(before: Settling, event: CallFailed): Partial<BillingShare> {
  return settledIn(before, event, zeroMicros);
}

type Settling = Pick<AccountState, 'books' | 'calls'>;

function settledIn(
  { books, calls }: Settling,
  { callId, mode, releasedMicros }: CallCompleted | CallFailed,
  chargedMicros: Micros,
): Partial<BillingShare> {
  return calls.has(callId) ? withBook(books, mode, settled(books[mode], chargedMicros, releasedMicros)) : {};
}

function withBook(books: BillingShare['books'], mode: Mode, book: Book): BillingShare {
  return { books: { ...books, [mode]: book } };
}
