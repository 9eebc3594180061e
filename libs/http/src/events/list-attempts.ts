import { Controller, Get, Inject, Param, Req } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ListDeliveryAttempts } from '@ringfence/read-models/webhooks/delivered-events.handlers';
import type { FastifyRequest } from 'fastify';
import { Operation } from '../edge/operation.js';
import { listBody, momentText, wholePage } from '../edge/reading.js';
import { status } from '../problem.js';
import { EventReader } from './event-reader.js';

@Controller('api/v1/events')
export class ListAttemptsController {
  constructor(
    @Inject(QueryBus) private readonly queries: QueryBus,
    @Inject(EventReader) private readonly events: EventReader,
  ) {}

  @Get(':event_id/attempts')
  @Operation({
    id: 'listDeliveryAttempts',
    tag: 'Webhooks',
    summary: 'The attempts to deliver an event, oldest first',
    description: 'At most the latest 200. Neither what was sent nor what was answered is kept, except the status.',
    access: { scopes: ['calls:read'], operatorsOnly: false, modes: 'own' },
    answer: { status: status.ok, description: 'The attempts.', schema: 'DeliveryAttemptList' },
    list: true,
    problems: ['not_found'],
  })
  async list(@Param('event_id') idText: string, @Req() request: FastifyRequest): Promise<object> {
    const event = await this.events.find(request, idText);
    const attempts = await this.queries.execute(new ListDeliveryAttempts(event.position));
    const bodies = attempts.map((attempt) => ({
      endpoint: attempt.endpoint,
      delivery: attempt.round + 1,
      attempt: attempt.attempt,
      attempted_at: momentText(attempt.attemptedAtMs),
      status_code: attempt.status,
      error: attempt.error,
      latency_ms: attempt.latencyMs,
    }));
    return listBody(bodies, wholePage);
  }
}
