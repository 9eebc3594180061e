import { Controller, Get, Inject, Param, Query, Req } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { parseSipTrunkId } from '@ringfence/kernel/ids';
import { FindSipTrunk } from '@ringfence/read-models/trunks/trunks.handlers';
import type { FastifyRequest } from 'fastify';
import { callerOf, ownerFor } from '../edge/access.js';
import { Operation } from '../edge/operation.js';
import { validatedQuery } from '../edge/validated.js';
import { status } from '../problem.js';
import { NumberPageQuery, NumberPages } from './number-pages.js';

class ListTrunkNumbersQuery extends NumberPageQuery {}

@Controller('api/v1/sip/trunks')
export class ListTrunkNumbersController {
  constructor(
    @Inject(QueryBus) private readonly queries: QueryBus,
    @Inject(NumberPages) private readonly pages: NumberPages,
  ) {}

  @Get(':sip_trunk_id/virtual-numbers')
  @Operation({
    id: 'listTrunkNumbers',
    tag: 'Numbers',
    summary: 'The numbers that are assigned to a SIP trunk, the one received last first',
    access: { scopes: ['numbers:write', 'calls:read'], operatorsOnly: false, modes: 'own' },
    answer: { status: status.ok, description: 'A page of numbers.', schema: 'VirtualNumberList' },
    list: true,
    read: true,
    problems: ['cursor_invalid', 'not_found'],
  })
  async list(
    @Param('sip_trunk_id') idText: string,
    @Query(validatedQuery(ListTrunkNumbersQuery)) query: ListTrunkNumbersQuery,
    @Req() request: FastifyRequest,
  ): Promise<object> {
    const id = parseSipTrunkId(idText);
    const owner = ownerFor(callerOf(request));
    const find = async () => (id === undefined ? undefined : this.queries.execute(new FindSipTrunk(id, owner)));
    return this.pages.assignedTo(request, query, { id, find, noun: 'SIP trunk' });
  }
}
