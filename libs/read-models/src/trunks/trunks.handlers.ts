import { Query } from '@nestjs/cqrs';
import type { IpListId, SipTrunkId, WebhookSecretId } from '@ringfence/kernel/ids';
import type { OwnedBy } from '../owned-by.js';
import type { Page, PageRequest } from '../page.js';
import { queryHandler } from '../query.handlers.js';
import { IpListQueries, type IpListRow, type IpListRowWithAddresses } from './ip-lists.queries.js';
import {
  type IpListName,
  type SipTrunkFilter,
  type SipTrunkName,
  SipTrunkQueries,
  type SipTrunkRow,
  type TrunkOfSecret,
} from './sip-trunks.queries.js';

/** undefined: there is none, or the owner has none with this id. */
export class FindIpList extends Query<IpListRowWithAddresses | undefined> {
  constructor(
    readonly ipListId: IpListId,
    readonly owner: OwnedBy | null,
  ) {
    super();
  }
}

/** Newest first, without addresses. */
export class ListIpLists extends Query<Page<IpListRow>> {
  constructor(
    readonly owner: OwnedBy,
    readonly page: PageRequest,
  ) {
    super();
  }
}

/** The names of those of these lists that exist. */
export class FindIpListNames extends Query<readonly IpListName[]> {
  constructor(readonly ipListIds: readonly IpListId[]) {
    super();
  }
}

/** undefined: there is none, or the owner has none with this id. */
export class FindSipTrunk extends Query<SipTrunkRow | undefined> {
  constructor(
    readonly trunkId: SipTrunkId,
    readonly owner: OwnedBy | null,
  ) {
    super();
  }
}

/** Newest first. */
export class ListSipTrunks extends Query<Page<SipTrunkRow>> {
  constructor(
    readonly filter: SipTrunkFilter,
    readonly page: PageRequest,
  ) {
    super();
  }
}

/** The names of those of these trunks that exist. */
export class FindSipTrunkNames extends Query<readonly SipTrunkName[]> {
  constructor(readonly trunkIds: readonly SipTrunkId[]) {
    super();
  }
}

/** The trunks that use these secrets. */
export class ListTrunksOfSecrets extends Query<readonly TrunkOfSecret[]> {
  constructor(readonly secretIds: readonly WebhookSecretId[]) {
    super();
  }
}

export const trunkHandlers = [
  queryHandler(FindIpList, IpListQueries, (lists, { ipListId, owner }) => lists.find(ipListId, owner)),
  queryHandler(ListIpLists, IpListQueries, (lists, { owner, page }) => lists.list(owner, page)),
  queryHandler(FindIpListNames, SipTrunkQueries, (trunks, { ipListIds }) => trunks.ipListNames(ipListIds)),
  queryHandler(FindSipTrunk, SipTrunkQueries, (trunks, { trunkId, owner }) => trunks.find(trunkId, owner)),
  queryHandler(FindSipTrunkNames, SipTrunkQueries, (trunks, { trunkIds }) => trunks.names(trunkIds)),
  queryHandler(ListSipTrunks, SipTrunkQueries, (trunks, { filter, page }) => trunks.list(filter, page)),
  queryHandler(ListTrunksOfSecrets, SipTrunkQueries, (trunks, { secretIds }) => trunks.ofSecrets(secretIds)),
];
