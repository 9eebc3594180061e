import { Controller, Get, Inject, Param, Query, Req } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { parseVoiceAppId } from '@ringfence/kernel/ids';
import { FindVoiceApp } from '@ringfence/read-models/apps/voice-apps.handlers';
import type { FastifyRequest } from 'fastify';
import { callerOf, ownerFor } from '../edge/access.js';
import { WholeNumber } from '../edge/fields.js';
import { Operation } from '../edge/operation.js';
import { pageRequestOf, ReadGate } from '../edge/reading.js';
import { validatedQuery } from '../edge/validated.js';
import { edgeProblem, status } from '../problem.js';
import { NumberPageQuery, NumberPages } from './number-pages.js';
import { numberReadModels } from './number-reader.js';

class ListAppNumbersQuery extends NumberPageQuery {
  @WholeNumber({ description: 'Items on a page.', least: 1, most: 50, default: 50 })
  declare limit?: number | null;
}

@Controller('api/v1/voice/apps')
export class ListAppNumbersController {
  constructor(
    @Inject(QueryBus) private readonly queries: QueryBus,
    @Inject(NumberPages) private readonly pages: NumberPages,
    @Inject(ReadGate) private readonly gate: ReadGate,
  ) {}

  @Get(':voice_app_id/virtual-numbers')
  @Operation({
    id: 'listAppNumbers',
    tag: 'Numbers',
    summary: 'The numbers that are assigned to a voice app, the one received last first',
    access: { scopes: ['numbers:write', 'calls:read'], operatorsOnly: false, modes: 'own' },
    answer: { status: status.ok, description: 'A page of numbers.', schema: 'VirtualNumberList' },
    list: true,
    read: true,
    problems: ['cursor_invalid', 'not_found'],
  })
  async list(
    @Param('voice_app_id') idText: string,
    @Query(validatedQuery(ListAppNumbersQuery)) query: ListAppNumbersQuery,
    @Req() request: FastifyRequest,
  ): Promise<object> {
    const pageRequest = pageRequestOf(query);
    const id = parseVoiceAppId(idText);
    const owner = ownerFor(callerOf(request));
    await this.gate.wait(request, query.min_position, numberReadModels);
    const found = id === undefined ? undefined : await this.queries.execute(new FindVoiceApp(id, owner));
    if (id === undefined || found === undefined || (query.account_id ?? found.accountId) !== found.accountId)
      throw edgeProblem('not_found', 'there is no such voice app');
    const { accountId, mode } = found;
    const filter = { accountId, mode, territories: query.location ?? null, assignedTo: [id] };
    return this.pages.body(filter, query.search, pageRequest);
  }
}
