import { Inject } from '@nestjs/common';
import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import type { Mode } from '@ringfence/domain/shared/values';
import type { AccountId, KeyId } from '@ringfence/kernel/ids';
import type { Page, PageRequest } from '../page.js';
import type { KeyRow } from './key-rows.js';
import { KeyQueries } from './key.queries.js';

/** A key of any account; undefined: there is no such key. */
export class FindKey extends Query<KeyRow | undefined> {
  constructor(readonly keyId: KeyId) {
    super();
  }
}

@QueryHandler(FindKey)
export class FindKeyHandler implements IQueryHandler<FindKey> {
  constructor(@Inject(KeyQueries) private readonly keys: KeyQueries) {}

  execute({ keyId }: FindKey): Promise<KeyRow | undefined> {
    return this.keys.findKey(keyId);
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

@QueryHandler(ListKeys)
export class ListKeysHandler implements IQueryHandler<ListKeys> {
  constructor(@Inject(KeyQueries) private readonly keys: KeyQueries) {}

  execute({ accountId, mode, page }: ListKeys): Promise<Page<KeyRow>> {
    return this.keys.listKeys(accountId, mode, page);
  }
}
