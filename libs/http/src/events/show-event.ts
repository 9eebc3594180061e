import { Controller, Get, Inject, Param, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Operation } from '../edge/operation.js';
import { status } from '../problem.js';
import { EventReader } from './event-reader.js';

@Controller('api/v1/events')
export class ShowEventController {
  constructor(@Inject(EventReader) private readonly events: EventReader) {}

  @Get(':event_id')
  @Operation({
    id: 'getEvent',
    tag: 'Webhooks',
    summary: 'One event of a call that is delivered',
    access: { scopes: ['calls:read'], operatorsOnly: false, modes: 'own' },
    answer: { status: status.ok, description: 'The event.', schema: 'Event' },
    problems: ['not_found'],
  })
  async show(@Param('event_id') idText: string, @Req() request: FastifyRequest): Promise<object> {
    const [body = {}] = await this.events.bodies([await this.events.find(request, idText)]);
    return body;
  }
}
