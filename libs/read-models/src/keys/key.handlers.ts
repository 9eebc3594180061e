import { Query } from '@nestjs/cqrs';
import type { Mode } from '@ringfence/domain/shared/values';
import type { AccountId, KeyId } from '@ringfence/kernel/ids';
import type { Page, PageRequest } from '../page.js';
import { queryHandler } from '../query.handlers.js';
import type { KeyRow } from './key-rows.js';
import { KeyQueries } from './key.queries.js';

/** A key of any account; undefined: there is no such key. */
export class FindKey extends Query<KeyRow | undefined> {
  constructor(readonly keyId: KeyId) {
    super();
  }
}

/** Keys of one account, or operators' keys (null); of one mode, or of both (null); newest first, revoked ones too. */
export class ListKeys extends Query<Page<KeyRow>> {
  constructor(
    readonly accountId: AccountId | null,
    readonly mode: Mode | null,
    readonly page: PageRequest,
  ) {
    super();
  }
}

export const keyHandlers = [
  queryHandler(FindKey, KeyQueries, (keys, { keyId }) => keys.findKey(keyId)),
  queryHandler(ListKeys, KeyQueries, (keys, { accountId, mode, page }) => keys.listKeys(accountId, mode, page)),
];
