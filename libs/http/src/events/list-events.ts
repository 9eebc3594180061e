import { Controller, Get, Inject, Query, Req } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { parseCallId } from '@ringfence/kernel/ids';
import { ListDeliveredEvents } from '@ringfence/read-models/webhooks/delivered-events.handlers';
import { deliveryStates } from '@ringfence/read-models/webhooks/delivered-events.queries';
import { idPattern } from '@ringfence/wire/field-rule';
import { deliveredNames } from '@ringfence/wire/webhooks/webhook-body';
import type { FastifyRequest } from 'fastify';
import { accountFor, callerOf, modeFor } from '../edge/access.js';
import { Choice, Moment, Text } from '../edge/fields.js';
import { Operation } from '../edge/operation.js';
import { PageQuery } from '../edge/query-fields.js';
import { listBody, momentOf, pageRequestOf, ReadGate } from '../edge/reading.js';
import { validatedQuery } from '../edge/validated.js';
import { status } from '../problem.js';
import { EventReader } from './event-reader.js';

class ListEventsQuery extends PageQuery {
  @Text({ description: 'Events of this call.', charactersMax: 40, pattern: idPattern('cs') })
  call_id?: string | null;

  @Choice({ description: 'Events of this type.', of: deliveredNames })
  type?: (typeof deliveredNames)[number] | null;

  @Moment({ description: 'Events that happened after this moment.' })
  occurred_after?: string | null;

  @Choice({ description: 'Events whose delivery is in this state.', of: deliveryStates })
  delivery_status?: (typeof deliveryStates)[number] | null;
}

@Controller('api/v1/events')
export class ListEventsController {
  constructor(
    @Inject(QueryBus) private readonly queries: QueryBus,
    @Inject(EventReader) private readonly events: EventReader,
    @Inject(ReadGate) private readonly gate: ReadGate,
  ) {}

  @Get()
  @Operation({
    id: 'listEvents',
    tag: 'Webhooks',
    summary: 'Events of calls that are delivered, newest first',
    description:
      'Those of calls with a `status_callback_url` or an app, for 30 days after their delivery. Events that come in later change no page. `min_position` waits for the calls themselves, whose events are queued at the same time.',
    access: { scopes: ['calls:read'], operatorsOnly: false, modes: 'own' },
    answer: { status: status.ok, description: 'A page of events.', schema: 'EventList' },
    list: true,
    read: true,
    problems: ['cursor_invalid', 'not_found'],
  })
  async list(
    @Query(validatedQuery(ListEventsQuery)) query: ListEventsQuery,
    @Req() request: FastifyRequest,
  ): Promise<object> {
    const caller = callerOf(request);
    const filter = {
      accountId: accountFor(caller, query.account_id, 'query'),
      mode: modeFor(caller, null),
      callId: parseCallId(query.call_id ?? '') ?? null,
      eventName: query.type ?? null,
      occurredAfter: typeof query.occurred_after === 'string' ? momentOf(query.occurred_after) : null,
      state: query.delivery_status ?? null,
    };
    const asked = pageRequestOf(query);
    await this.gate.wait(request, query.min_position, ['calls']);
    const page = await this.queries.execute(new ListDeliveredEvents(filter, asked));
    return listBody(await this.events.bodies(page.rows), page);
  }
}
