import { Controller, Get, Inject, Param, Query, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Operation } from '../edge/operation.js';
import { ReadQuery } from '../edge/query-fields.js';
import { validatedQuery } from '../edge/validated.js';
import { status } from '../problem.js';
import { IpListReader } from './ip-list-reader.js';

@Controller('api/v1/sip/ip-acls')
export class ShowIpListController {
  constructor(@Inject(IpListReader) private readonly lists: IpListReader) {}

  @Get(':ip_acl_id')
  @Operation({
    id: 'getIpList',
    tag: 'Trunks',
    summary: 'One IP list, with its addresses',
    access: { scopes: ['trunks:read'], operatorsOnly: false, modes: 'own' },
    answer: { status: status.ok, description: 'The list.', schema: 'IpList' },
    read: true,
    reads: 'object',
    problems: ['not_found'],
  })
  async show(
    @Param('ip_acl_id') idText: string,
    @Query(validatedQuery(ReadQuery)) query: ReadQuery,
    @Req() request: FastifyRequest,
  ): Promise<object> {
    return this.lists.read(request, idText, query.min_position);
  }
}
