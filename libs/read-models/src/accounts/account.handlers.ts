import { Inject } from '@nestjs/common';
import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import type { AccountId } from '@ringfence/kernel/ids';
import type { Page, PageRequest } from '../page.js';
import { AccountQueries, type AccountRow } from './account.queries.js';

/** An account by its id; undefined: there is none. */
export class FindAccount extends Query<AccountRow | undefined> {
  constructor(readonly accountId: AccountId) {
    super();
  }
}

@QueryHandler(FindAccount)
export class FindAccountHandler implements IQueryHandler<FindAccount> {
  constructor(@Inject(AccountQueries) private readonly accounts: AccountQueries) {}

  execute({ accountId }: FindAccount): Promise<AccountRow | undefined> {
    return this.accounts.findAccount(accountId);
  }
}

/** Newest first. */
export class ListAccounts extends Query<Page<AccountRow>> {
  constructor(readonly page: PageRequest) {
    super();
  }
}

@QueryHandler(ListAccounts)
export class ListAccountsHandler implements IQueryHandler<ListAccounts> {
  constructor(@Inject(AccountQueries) private readonly accounts: AccountQueries) {}

  execute({ page }: ListAccounts): Promise<Page<AccountRow>> {
    return this.accounts.listAccounts(page);
  }
}
