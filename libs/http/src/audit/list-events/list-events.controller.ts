import { Controller, Get, Inject, Query, Req } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { modes } from '@ringfence/domain/platform/values';
import type { EventStore, RecordedEvent } from '@ringfence/event-store/event-store';
import { position, type Position } from '@ringfence/kernel/units';
import { ListAuditEvents } from '@ringfence/read-models/audit/audit.handlers';
import type { AuditEvent } from '@ringfence/read-models/audit/audit.queries';
import type { FastifyRequest } from 'fastify';
import { accountsFor, callerOf } from '../../edge/access.js';
import { Operation } from '../../edge/operation.js';
import { EVENT_STORE, LOG_NAME, type LogName } from '../../edge/ports.js';
import { positionFrom, positionToken } from '../../edge/positions.js';
import { ReadGate } from '../../edge/reading.js';
import { validatedQuery } from '../../edge/validated.js';
import { edgeProblem, status } from '../../problem.js';
import { auditEventBody } from '../audit-event-body.js';
import { ListEventsQuery } from './list-events.dto.js';

const limitDefault = 100;

@Controller('api/v1/audit/events')
export class ListEventsController {
  constructor(
    @Inject(QueryBus) private readonly queries: QueryBus,
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(ReadGate) private readonly gate: ReadGate,
    @Inject(LOG_NAME) private readonly log: LogName,
  ) {}

  @Get()
  @Operation({
    id: 'listAuditEvents',
    tag: 'Audit',
    summary: 'Events in the order of the log, with their bytes',
    says: 'Ask again from `next` to go on: nothing is skipped and nothing comes twice. An account’s key sees the events of its own mode and those that concern the account as a whole, so stream_version has gaps where the other mode’s events stand (`complete` is false); an operator sees every event, of all accounts where none is named. Personal values in the bytes are ciphertexts.',
    access: { scopes: ['audit:read'], operatorsOnly: false, modes: 'own' },
    answer: { status: status.ok, says: 'Events from `from` on.', schema: 'AuditEventList' },
    read: true,
    problems: ['position_invalid', 'position_of_other_log', 'not_found'],
  })
  async list(
    @Query(validatedQuery(ListEventsQuery)) query: ListEventsQuery,
    @Req() request: FastifyRequest,
  ): Promise<object> {
    const caller = callerOf(request);
    const accountId = accountsFor(caller, query.account_id, 'query');
    const { mode } = caller;
    const from = typeof query.from === 'string' ? positionFrom(query.from, this.log.logId) : position(0);
    await this.gate.wait(query.min_position, ['audit_trail']);
    const limit = query.limit ?? limitDefault;
    const events = await this.queries.execute(new ListAuditEvents({ accountId, mode, fromPosition: from, limit }));
    const recorded = await this.#recorded(events);
    const last = events.at(-1);
    const next: Position = last === undefined ? from : position(last.position + 1);
    return {
      data: recorded.map(([event, { type, bytes }]) => ({
        ...auditEventBody(event, this.log.logId),
        // As its bytes say it: in the version that was written then.
        type,
        bytes: Buffer.from(bytes).toString('base64'),
      })),
      next: positionToken(this.log.logId, next),
      has_more: events.length === limit,
      modes: mode === null ? modes : [mode],
      complete: mode === null,
    };
  }

  /** A page of the whole log has no gap; one of an account's has those that other accounts, or the account's other mode, leave. */
  async #recorded(events: readonly AuditEvent[]): Promise<readonly (readonly [AuditEvent, RecordedEvent])[]> {
    const [first, last] = [events.at(0), events.at(-1)];
    if (first === undefined || last === undefined) return [];
    const dense = last.position - first.position + 1 === events.length;
    const found: readonly RecordedEvent[] = dense
      ? await this.store.readAll(first.position, events.length)
      : await this.store.readAt(events.map((event) => event.position));
    const at = new Map(found.map((event) => [event.position, event]));
    const recorded = events.flatMap((event) => {
      const there = at.get(event.position);
      return there === undefined ? [] : ([[event, there]] as const);
    });
    if (recorded.length === events.length) return recorded;
    throw edgeProblem('read_model_behind', 'the audit trail is being built; ask again');
  }
}
