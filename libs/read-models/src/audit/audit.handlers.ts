import { Inject } from '@nestjs/common';
import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import type { CallId } from '@ringfence/kernel/ids';
import { type AuditEvent, type AuditEventsRequest, AuditQueries, type CallAuthorisation } from './audit.queries.js';

/** Events in the order of the log. */
export class ListAuditEvents extends Query<readonly AuditEvent[]> {
  constructor(readonly request: AuditEventsRequest) {
    super();
  }
}

@QueryHandler(ListAuditEvents)
export class ListAuditEventsHandler implements IQueryHandler<ListAuditEvents> {
  constructor(@Inject(AuditQueries) private readonly audit: AuditQueries) {}

  execute({ request }: ListAuditEvents): Promise<readonly AuditEvent[]> {
    return this.audit.auditEvents(request);
  }
}

/** The authorisation of a call; undefined: no such call was ever placed. */
export class FindAuthorisation extends Query<CallAuthorisation | undefined> {
  constructor(readonly callId: CallId) {
    super();
  }
}

@QueryHandler(FindAuthorisation)
export class FindAuthorisationHandler implements IQueryHandler<FindAuthorisation> {
  constructor(@Inject(AuditQueries) private readonly audit: AuditQueries) {}

  execute({ callId }: FindAuthorisation): Promise<CallAuthorisation | undefined> {
    return this.audit.authorizationOf(callId);
  }
}
