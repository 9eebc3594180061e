import { Query } from '@nestjs/cqrs';
import type { CallId } from '@ringfence/kernel/ids';
import type { Page, PageRequest } from '../page.js';
import { queryHandler } from '../query.handlers.js';
import type { CallRow } from './call-rows.js';
import { type CallFilter, type CallOwner, CallQueries } from './call.queries.js';

/** A call of this owner, or of any (null); undefined: there is no such call. */
export class FindCall extends Query<CallRow | undefined> {
  constructor(
    readonly callId: CallId,
    readonly owner: CallOwner | null,
  ) {
    super();
  }
}

/** Newest first. */
export class ListCalls extends Query<Page<CallRow>> {
  constructor(
    readonly filter: CallFilter,
    readonly page: PageRequest,
  ) {
    super();
  }
}

export const callHandlers = [
  queryHandler(FindCall, CallQueries, (calls, { callId, owner }) => calls.findCall(callId, owner)),
  queryHandler(ListCalls, CallQueries, (calls, { filter, page }) => calls.listCalls(filter, page)),
];
