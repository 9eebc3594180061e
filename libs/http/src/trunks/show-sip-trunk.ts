import { Controller, Get, Inject, Param, Query, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Operation } from '../edge/operation.js';
import { ReadQuery } from '../edge/query-fields.js';
import { validatedQuery } from '../edge/validated.js';
import { status } from '../problem.js';
import { SipTrunkReader } from './sip-trunk-reader.js';

@Controller('api/v1/sip/trunks')
export class ShowSipTrunkController {
  constructor(@Inject(SipTrunkReader) private readonly trunks: SipTrunkReader) {}

  @Get(':sip_trunk_id')
  @Operation({
    id: 'getSipTrunk',
    tag: 'Trunks',
    summary: 'One SIP trunk',
    access: { scopes: ['trunks:read'], operatorsOnly: false, modes: 'own' },
    answer: { status: status.ok, description: 'The trunk.', schema: 'SipTrunk' },
    read: true,
    reads: 'object',
    problems: ['not_found'],
  })
  async show(
    @Param('sip_trunk_id') idText: string,
    @Query(validatedQuery(ReadQuery)) query: ReadQuery,
    @Req() request: FastifyRequest,
  ): Promise<object> {
    return this.trunks.read(request, idText, query.min_position);
  }
}
