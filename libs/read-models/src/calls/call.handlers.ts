import { Inject } from '@nestjs/common';
import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import type { CallId } from '@ringfence/kernel/ids';
import type { Page, PageRequest } from '../page.js';
import type { CallRow } from './call-rows.js';
import { type CallFilter, CallQueries } from './call.queries.js';

/** A call of any account; undefined: there is no such call. */
export class FindCall extends Query<CallRow | undefined> {
  constructor(readonly callId: CallId) {
    super();
  }
}

@QueryHandler(FindCall)
export class FindCallHandler implements IQueryHandler<FindCall> {
  constructor(@Inject(CallQueries) private readonly calls: CallQueries) {}

  execute({ callId }: FindCall): Promise<CallRow | undefined> {
    return this.calls.findCall(callId);
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

@QueryHandler(ListCalls)
export class ListCallsHandler implements IQueryHandler<ListCalls> {
  constructor(@Inject(CallQueries) private readonly calls: CallQueries) {}

  execute({ filter, page }: ListCalls): Promise<Page<CallRow>> {
    return this.calls.listCalls(filter, page);
  }
}
