import { Controller, Get, Inject, Query, Req } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ListIpLists } from '@ringfence/read-models/trunks/trunks.handlers';
import type { FastifyRequest } from 'fastify';
import { NamedLists } from '../edge/named-lists.js';
import { NamedPageQuery } from '../edge/name-pages.js';
import { Operation } from '../edge/operation.js';
import { validatedQuery } from '../edge/validated.js';
import { status } from '../problem.js';
import { IpListReader } from './ip-list-reader.js';

@Controller('api/v1/sip/ip-acls')
export class ListIpListsController {
  constructor(
    @Inject(QueryBus) private readonly queries: QueryBus,
    @Inject(NamedLists) private readonly lists: NamedLists,
    @Inject(IpListReader) private readonly ipLists: IpListReader,
  ) {}

  @Get()
  @Operation({
    id: 'listIpLists',
    tag: 'Trunks',
    summary: 'IP lists, newest first',
    description: 'Without their addresses. Lists that come in later change no page.',
    access: { scopes: ['trunks:read'], operatorsOnly: false, modes: 'own' },
    answer: { status: status.ok, description: 'A page of IP lists.', schema: 'IpListList' },
    list: true,
    read: true,
    problems: ['cursor_invalid', 'not_found'],
  })
  async list(
    @Query(validatedQuery(NamedPageQuery)) query: NamedPageQuery,
    @Req() request: FastifyRequest,
  ): Promise<object> {
    return this.lists.body(request, query, {
      readModels: ['trunks'],
      find: (owner, each) => this.queries.execute(new ListIpLists(owner, each)),
      bodies: (rows) => this.ipLists.bodies(rows),
    });
  }
}
