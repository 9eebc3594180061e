import { Controller, Get, Inject, Query, Req } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ListIpLists } from '@ringfence/read-models/trunks/trunks.handlers';
import type { FastifyRequest } from 'fastify';
import { accountFor, callerOf, modeFor } from '../edge/access.js';
import { NamePages, NamedPageQuery } from '../edge/name-pages.js';
import { Operation } from '../edge/operation.js';
import { listBody, pageRequestOf, ReadGate } from '../edge/reading.js';
import { validatedQuery } from '../edge/validated.js';
import { status } from '../problem.js';
import { IpListReader } from './ip-list-reader.js';

@Controller('api/v1/sip/ip-acls')
export class ListIpListsController {
  constructor(
    @Inject(QueryBus) private readonly queries: QueryBus,
    @Inject(NamePages) private readonly pages: NamePages,
    @Inject(IpListReader) private readonly lists: IpListReader,
    @Inject(ReadGate) private readonly gate: ReadGate,
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
    const caller = callerOf(request);
    const owner = { accountId: accountFor(caller, query.account_id, 'query'), mode: modeFor(caller, null) };
    const asked = pageRequestOf(query);
    await this.gate.wait(request, query.min_position, ['trunks']);
    const page = await this.pages.find(
      query.search,
      asked,
      (each) => this.queries.execute(new ListIpLists(owner, each)),
      ({ createdPosition }) => createdPosition,
    );
    return listBody(await this.lists.bodies(page.rows), page);
  }
}
