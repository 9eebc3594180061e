import { Query } from '@nestjs/cqrs';
import type { CallId } from '@ringfence/kernel/ids';
import { queryHandler } from '../query.handlers.js';
import { type AuditEvent, type AuditEventsRequest, AuditQueries, type CallAuthorisation } from './audit.queries.js';

/** Events in the order of the log. */
export class ListAuditEvents extends Query<readonly AuditEvent[]> {
  constructor(readonly request: AuditEventsRequest) {
    super();
  }
}

/** The authorisation of a call; undefined: no such call was ever placed. */
export class FindAuthorisation extends Query<CallAuthorisation | undefined> {
  constructor(readonly callId: CallId) {
    super();
  }
}

export const auditHandlers = [
  queryHandler(ListAuditEvents, AuditQueries, (audit, { request }) => audit.auditEvents(request)),
  queryHandler(FindAuthorisation, AuditQueries, (audit, { callId }) => audit.authorizationOf(callId)),
];
