import { Query } from '@nestjs/cqrs';
import type { AccountId } from '@ringfence/kernel/ids';
import type { Page, PageRequest } from '../page.js';
import { queryHandler } from '../query.handlers.js';
import { AccountQueries, type AccountRow } from './account.queries.js';

/** An account by its id; undefined: there is none. */
export class FindAccount extends Query<AccountRow | undefined> {
  constructor(readonly accountId: AccountId) {
    super();
  }
}

/** Newest first. */
export class ListAccounts extends Query<Page<AccountRow>> {
  constructor(readonly page: PageRequest) {
    super();
  }
}

export const accountHandlers = [
  queryHandler(FindAccount, AccountQueries, (accounts, { accountId }) => accounts.findAccount(accountId)),
  queryHandler(ListAccounts, AccountQueries, (accounts, { page }) => accounts.listAccounts(page)),
];
