import { Controller, Get, Inject, Param, Query, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { callerOf } from '../../edge/access.js';
import { Operation } from '../../edge/operation.js';
import { ReadQuery } from '../../edge/query-fields.js';
import { validatedQuery } from '../../edge/validated.js';
import { status } from '../../problem.js';
import { CallReader } from '../call-reader.js';

@Controller('api/v1/voice/calls')
export class ShowCallController {
  constructor(@Inject(CallReader) private readonly reader: CallReader) {}

  @Get(':call_id')
  @Operation({
    id: 'getCall',
    tag: 'Calls',
    summary: 'One call',
    access: { scopes: ['calls:read'], operatorsOnly: false, modes: 'own' },
    answer: { status: status.ok, says: 'The call.', schema: 'Call' },
    read: true,
    problems: ['not_found'],
  })
  async show(
    @Param('call_id') callId: string,
    @Query(validatedQuery(ReadQuery)) query: ReadQuery,
    @Req() request: FastifyRequest,
  ): Promise<object> {
    const row = await this.reader.read(callerOf(request), callId, query.min_position);
    const [body = {}] = await this.reader.bodies([row]);
    return body;
  }
}
