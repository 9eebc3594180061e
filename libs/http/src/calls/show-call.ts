import { Controller, Get, Inject, Param, Query, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { callerOf } from '../edge/access.js';
import { Operation } from '../edge/operation.js';
import { validatedQuery } from '../edge/validated.js';
import { edgeProblem, status } from '../problem.js';
import { Choice, WholeNumber } from '../edge/fields.js';
import { ReadQuery } from '../edge/query-fields.js';
import { CallReader } from './call-reader.js';
import { EndedCall } from './ended-call.js';

const waitSecondsMax = 30;

class ShowCallQuery extends ReadQuery {
  @Choice({
    description:
      'Waits until the call has ended, then answers; after `wait_seconds` it answers with the call as it is.',
    of: ['ended'],
  })
  wait_for?: 'ended' | null;

  @WholeNumber({ description: 'How long `wait_for` waits.', least: 1, most: waitSecondsMax, default: waitSecondsMax })
  wait_seconds?: number | null;
}

@Controller('api/v1/voice/calls')
export class ShowCallController {
  constructor(
    @Inject(CallReader) private readonly reader: CallReader,
    @Inject(EndedCall) private readonly ended: EndedCall,
  ) {}

  @Get(':call_id')
  @Operation({
    id: 'getCall',
    tag: 'Calls',
    summary: 'One call',
    description:
      'With `wait_for=ended` the answer comes when the call has ended, at the latest after `wait_seconds`, and earlier with 401 when the key is revoked.',
    access: { scopes: ['calls:read'], operatorsOnly: false, modes: 'own' },
    answer: { status: status.ok, description: 'The call.', schema: 'Call' },
    read: true,
    reads: 'object',
    problems: ['not_found', 'validation_failed', 'key_not_accepted', 'too_many_waiting'],
  })
  async show(
    @Param('call_id') callId: string,
    @Query(validatedQuery(ShowCallQuery)) query: ShowCallQuery,
    @Req() request: FastifyRequest,
  ): Promise<object> {
    const { min_position: minPosition, wait_for: waitFor, wait_seconds: seconds } = query;
    if (typeof seconds === 'number' && typeof waitFor !== 'string') throw noWait();
    const row =
      waitFor === 'ended'
        ? await this.ended.read(request, callerOf(request), callId, minPosition, (seconds ?? waitSecondsMax) * 1_000)
        : await this.reader.read(request, callId, minPosition);
    const [body = {}] = await this.reader.bodies([row]);
    return body;
  }
}

function noWait(): Error {
  return edgeProblem('validation_failed', 'wait_seconds is how long wait_for waits, and needs it', {
    errors: [{ in: 'query', path: ['wait_seconds'], rule: 'needs_wait_for', detail: 'has no effect without wait_for' }],
  });
}
