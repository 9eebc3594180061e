import { Controller, HttpCode, Inject, Param, Post, Req } from '@nestjs/common';
import type { Clock } from '@ringfence/kernel/clock';
import { elapsedMs } from '@ringfence/kernel/units';
import { DeliveredEventQueries } from '@ringfence/read-models/webhooks/delivered-events.queries';
import type { FastifyRequest } from 'fastify';
import { callerOf, ownAccountOf } from '../edge/access.js';
import { Operation } from '../edge/operation.js';
import { CLOCK } from '../edge/ports.js';
import { momentText } from '../edge/reading.js';
import { edgeProblem, status } from '../problem.js';
import { EventReader } from './event-reader.js';

/** Age up to which an event can be delivered again. */
const redeliverableMsMax = 30 * 24 * 3_600_000;

@Controller('api/v1/events')
export class RedeliverEventController {
  constructor(
    @Inject(EventReader) private readonly events: EventReader,
    @Inject(DeliveredEventQueries) private readonly queue: DeliveredEventQueries,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Post(':event_id/redeliver')
  @HttpCode(status.accepted)
  @Operation({
    id: 'redeliverEvent',
    tag: 'Webhooks',
    summary: 'Deliver an event again',
    description:
      'It is sent at once, and again for three days until it is answered with 2xx, whatever became of it before. The receiver gets the same `webhook-id`. A request for the queue, not a command: it is no event of the account, and a repeated one finds the event pending.',
    access: { scopes: ['webhooks:write'], operatorsOnly: false, modes: 'own' },
    answer: { status: status.accepted, description: 'It will be delivered.', schema: 'Redelivery' },
    problems: ['not_found', 'event_not_redeliverable', 'event_too_old'],
  })
  async redeliver(@Param('event_id') idText: string, @Req() request: FastifyRequest): Promise<object> {
    // Operators read what accounts are sent, and send nothing for them.
    ownAccountOf(callerOf(request));
    const event = await this.events.find(request, idText);
    const nowMs = this.clock.now();
    if (elapsedMs(event.occurredAtMs, nowMs) > redeliverableMsMax)
      throw edgeProblem('event_too_old', 'events are delivered again for 30 days');
    if (!(await this.queue.redeliver(event.position, nowMs)))
      throw edgeProblem('event_not_redeliverable', 'it is pending: it will be sent without this');
    return { event_id: event.eventId, redelivered_at: momentText(nowMs) };
  }
}
