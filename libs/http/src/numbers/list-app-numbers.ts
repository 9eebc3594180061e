import { Controller, Get, Inject, Param, Query, Req } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { parseVoiceAppId } from '@ringfence/kernel/ids';
import { FindVoiceApp } from '@ringfence/read-models/apps/voice-apps.handlers';
import type { FastifyRequest } from 'fastify';
import { callerOf, ownerFor } from '../edge/access.js';
import { WholeNumber } from '../edge/fields.js';
import { Operation } from '../edge/operation.js';
import { validatedQuery } from '../edge/validated.js';
import { status } from '../problem.js';
import { NumberPageQuery, NumberPages } from './number-pages.js';

class ListAppNumbersQuery extends NumberPageQuery {
  @WholeNumber({ description: 'Items on a page.', least: 1, most: 50, default: 50 })
  declare limit?: number | null;
}

@Controller('api/v1/voice/apps')
export class ListAppNumbersController {
  constructor(
    @Inject(QueryBus) private readonly queries: QueryBus,
    @Inject(NumberPages) private readonly pages: NumberPages,
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
    const id = parseVoiceAppId(idText);
    const owner = ownerFor(callerOf(request));
    const find = async () => (id === undefined ? undefined : this.queries.execute(new FindVoiceApp(id, owner)));
    return this.pages.assignedTo(request, query, { id, find, noun: 'voice app' });
  }
}
