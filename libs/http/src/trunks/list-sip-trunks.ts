import { Controller, Get, Inject, Query, Req } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ListSipTrunks } from '@ringfence/read-models/trunks/trunks.handlers';
import type { FastifyRequest } from 'fastify';
import { Choices } from '../edge/fields.js';
import { NamedLists } from '../edge/named-lists.js';
import { NamedPageQuery } from '../edge/name-pages.js';
import { Operation } from '../edge/operation.js';
import { validatedQuery } from '../edge/validated.js';
import { status } from '../problem.js';
import { SipTrunkReader, trunkReadModels } from './sip-trunk-reader.js';

const trunkStatuses = ['active', 'inactive'] as const;

class ListSipTrunksQuery extends NamedPageQuery {
  @Choices({ description: 'Those in one of these states; may be given more than once.', of: trunkStatuses })
  status?: readonly (typeof trunkStatuses)[number][] | null;
}

@Controller('api/v1/sip/trunks')
export class ListSipTrunksController {
  constructor(
    @Inject(QueryBus) private readonly queries: QueryBus,
    @Inject(NamedLists) private readonly lists: NamedLists,
    @Inject(SipTrunkReader) private readonly trunks: SipTrunkReader,
  ) {}

  @Get()
  @Operation({
    id: 'listSipTrunks',
    tag: 'Trunks',
    summary: 'SIP trunks, newest first',
    description: 'Trunks that come in later change no page.',
    access: { scopes: ['trunks:read'], operatorsOnly: false, modes: 'own' },
    answer: { status: status.ok, description: 'A page of SIP trunks.', schema: 'SipTrunkList' },
    list: true,
    read: true,
    problems: ['cursor_invalid', 'not_found'],
  })
  async list(
    @Query(validatedQuery(ListSipTrunksQuery)) query: ListSipTrunksQuery,
    @Req() request: FastifyRequest,
  ): Promise<object> {
    const [state, ...others] = query.status ?? [];
    const isActive = state === undefined || others.length > 0 ? null : state === 'active';
    return this.lists.body(request, query, {
      readModels: trunkReadModels,
      find: (owner, each) => this.queries.execute(new ListSipTrunks({ ...owner, isActive }, each)),
      bodies: (rows) => this.trunks.bodies(rows),
    });
  }
}
