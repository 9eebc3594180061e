import { Query } from '@nestjs/cqrs';
import type { Mode } from '@ringfence/domain/shared/values';
import type { AccountId } from '@ringfence/kernel/ids';
import type { Page, PageRequest } from '../page.js';
import { queryHandler } from '../query.handlers.js';
import {
  type BookBalance,
  type EntryFilter,
  type LedgerEntry,
  LedgerQueries,
  type TrialBalance,
} from './ledger.queries.js';

/** Balances of every book that was ever used; of one mode, or of both (null). */
export class ListBalances extends Query<readonly BookBalance[]> {
  constructor(
    readonly accountId: AccountId,
    readonly mode: Mode | null,
  ) {
    super();
  }
}

/** Entries of one book, newest first. */
export class ListEntries extends Query<Page<LedgerEntry>> {
  constructor(
    readonly filter: EntryFilter,
    readonly page: PageRequest,
  ) {
    super();
  }
}

/** The trial balance of one account, or of all of them (null); of one book, or of both (null). */
export class GetTrialBalance extends Query<TrialBalance> {
  constructor(
    readonly accountId: AccountId | null,
    readonly mode: Mode | null,
  ) {
    super();
  }
}

export const ledgerHandlers = [
  queryHandler(ListBalances, LedgerQueries, (ledger, { accountId, mode }) => ledger.balances(accountId, mode)),
  queryHandler(ListEntries, LedgerQueries, (ledger, { filter, page }) => ledger.entries(filter, page)),
  queryHandler(GetTrialBalance, LedgerQueries, (ledger, { accountId, mode }) => ledger.trialBalance(accountId, mode)),
];
