import { Controller, Get, Inject, Query, Req } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { modes } from '@ringfence/domain/shared/values';
import { position } from '@ringfence/kernel/units';
import { ListAuditEvents } from '@ringfence/read-models/audit/audit.handlers';
import type { AuditEvent, AuditEventsRequest } from '@ringfence/read-models/audit/audit.queries';
import type { FastifyRequest } from 'fastify';
import { accountsFor, callerOf } from '../edge/access.js';
import { Operation } from '../edge/operation.js';
import { LOG_NAME, type LogName } from '../edge/ports.js';
import { positionFrom, positionTokenOf, positionTokenPattern } from '../edge/positions.js';
import { readTurnOf, type ReadTurn } from '../edge/read-bounds.js';
import { fitting, pageBytesMax, ReadGate } from '../edge/reading.js';
import { validatedQuery } from '../edge/validated.js';
import { status } from '../problem.js';
import { Text, WholeNumber } from '../edge/fields.js';
import { AccountReadQuery } from '../edge/query-fields.js';
import { auditEventBody } from './audit-event-body.js';

class ListEventsQuery extends AccountReadQuery {
  @Text({
    description: 'The first position that is asked for: `next` of an earlier answer. Without it: from the beginning.',
    charactersMax: 64,
    pattern: positionTokenPattern,
  })
  from?: string | null;

  @WholeNumber({ description: 'Events in one answer.', least: 1, most: 500, default: 100 })
  limit?: number | null;
}

const limitDefault = 100;
/** The most events per read, at most 2 MiB. */
const eventsAtOnce = 64;

@Controller('api/v1/audit/events')
export class ListEventsController {
  constructor(
    @Inject(QueryBus) private readonly queries: QueryBus,
    @Inject(ReadGate) private readonly gate: ReadGate,
    @Inject(LOG_NAME) private readonly log: LogName,
  ) {}

  @Get()
  @Operation({
    id: 'listAuditEvents',
    tag: 'Audit',
    summary: 'Events in the order of the log, with their bytes',
    description:
      'A page may end before `limit`, by its bytes: `has_more` says whether there are more events. Send `next` as `from` to go on: nothing is skipped and nothing comes twice. An account’s key sees the events of its own mode and those that concern the account as a whole, so stream_version has gaps where the other mode’s events are (`complete` is false); an operator sees every event, of all accounts where none is named. Personal values in the bytes are ciphertexts.',
    access: { scopes: ['audit:read'], operatorsOnly: false, modes: 'own' },
    answer: { status: status.ok, description: 'Events from `from` on.', schema: 'AuditEventList' },
    list: true,
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
    await this.gate.wait(request, query.min_position, ['audit_trail']);
    const limit = query.limit ?? limitDefault;
    const page = await this.#page({ accountId, mode, fromPosition: from, limit }, readTurnOf(request));
    return {
      data: page.data,
      next: positionTokenOf(this.log.logId, page.next),
      has_more: page.hasMore,
      modes: mode === null ? modes : [mode],
      complete: mode === null,
    };
  }

  /** Reads events in portions, until the page is full by count or by bytes, or until the client is gone. */
  async #page(asked: AuditEventsRequest, turn: ReadTurn | undefined) {
    const data: object[] = [];
    let next = asked.fromPosition;
    let bytesLeft = pageBytesMax;
    for (;;) {
      turn?.check();
      const limit = Math.min(asked.limit - data.length, eventsAtOnce);
      const events = await this.queries.execute(new ListAuditEvents({ ...asked, fromPosition: next, limit }));
      const bodies = events.map((event) => this.#body(event));
      const sizes = bodies.map((body) => Buffer.byteLength(JSON.stringify(body)));
      const kept = fitting(sizes, bytesLeft, data.length > 0);
      data.push(...bodies.slice(0, kept));
      bytesLeft -= sizes.slice(0, kept).reduce((sum, size) => sum + size, 0);
      const last = events.at(kept - 1);
      if (kept > 0 && last !== undefined) next = position(last.recorded.position + 1);
      const full = kept < bodies.length || data.length === asked.limit;
      if (full || events.length < limit) return { data, next, hasMore: full };
    }
  }

  #body(event: AuditEvent): object {
    return {
      ...auditEventBody(event, this.log.logId),
      bytes: Buffer.from(event.recorded.bytes).toString('base64'),
    };
  }
}
