import { Controller, Get, Inject, Param, Query, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Operation } from '../edge/operation.js';
import { ReadQuery } from '../edge/query-fields.js';
import { listBody, wholePage } from '../edge/reading.js';
import { validatedQuery } from '../edge/validated.js';
import { status } from '../problem.js';
import { legBody } from './call-body.js';
import { CallReader } from './call-reader.js';

@Controller('api/v1/voice/calls')
export class ListLegsController {
  constructor(@Inject(CallReader) private readonly reader: CallReader) {}

  @Get(':call_id/legs')
  @Operation({
    id: 'listLegs',
    tag: 'Calls',
    summary: 'The legs of a call',
    access: { scopes: ['calls:read'], operatorsOnly: false, modes: 'own' },
    answer: { status: status.ok, description: 'Every leg; a call has few.', schema: 'LegList' },
    list: true,
    read: true,
    reads: 'object',
    problems: ['not_found'],
  })
  async list(
    @Param('call_id') callId: string,
    @Query(validatedQuery(ReadQuery)) query: ReadQuery,
    @Req() request: FastifyRequest,
  ): Promise<object> {
    const row = await this.reader.read(request, callId, query.min_position);
    const opened = await this.reader.open([row]);
    return listBody(
      opened.map((numbers) => legBody(row, numbers)),
      wholePage,
    );
  }
}
