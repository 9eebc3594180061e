import { Inject } from '@nestjs/common';
import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import type { Mode } from '@ringfence/domain/shared/values';
import type { AccountId } from '@ringfence/kernel/ids';
import type { Page, PageRequest } from '../page.js';
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

@QueryHandler(ListBalances)
export class ListBalancesHandler implements IQueryHandler<ListBalances> {
  constructor(@Inject(LedgerQueries) private readonly ledger: LedgerQueries) {}

  execute({ accountId, mode }: ListBalances): Promise<readonly BookBalance[]> {
    return this.ledger.balances(accountId, mode);
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

@QueryHandler(ListEntries)
export class ListEntriesHandler implements IQueryHandler<ListEntries> {
  constructor(@Inject(LedgerQueries) private readonly ledger: LedgerQueries) {}

  execute({ filter, page }: ListEntries): Promise<Page<LedgerEntry>> {
    return this.ledger.entries(filter, page);
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

@QueryHandler(GetTrialBalance)
export class DrawTrialBalanceHandler implements IQueryHandler<GetTrialBalance> {
  constructor(@Inject(LedgerQueries) private readonly ledger: LedgerQueries) {}

  execute({ accountId, mode }: GetTrialBalance): Promise<TrialBalance> {
    return this.ledger.trialBalance(accountId, mode);
  }
}
