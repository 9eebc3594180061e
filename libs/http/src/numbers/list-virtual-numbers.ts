import { Controller, Get, Inject, Query, Req } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { territoryPattern } from '@ringfence/domain/limits/numbering-plan';
import type { PageRequest } from '@ringfence/read-models/page';
import { ListNumbers } from '@ringfence/read-models/numbers/number.handlers';
import type { OwnNumberFilter } from '@ringfence/read-models/numbers/number.queries';
import { idPattern } from '@ringfence/wire/field-rule';
import type { FastifyRequest } from 'fastify';
import { accountFor, callerOf, modeFor } from '../edge/access.js';
import { Text, TextList } from '../edge/fields.js';
import { Operation } from '../edge/operation.js';
import { PageQuery } from '../edge/query-fields.js';
import { listBody, pageRequestOf, ReadGate, wholePage } from '../edge/reading.js';
import { validatedQuery } from '../edge/validated.js';
import { status } from '../problem.js';
import { type NumberBody, NumberReader } from './number-reader.js';
import { pageOfMatches } from './number-search.js';

/** The most values of a filter. */
const filterValuesMax = 50;

class ListVirtualNumbersQuery extends PageQuery {
  @Text({ description: 'Numbers that contain this text, or whose names do, in any case.', charactersMax: 100 })
  search?: string | null;

  @TextList({
    description: 'Numbers of these territories: ISO 3166-1 alpha-2. Repeat the parameter for several.',
    itemsMax: filterValuesMax,
    each: territoryPattern,
    itemIs: 'a territory such as US',
  })
  location?: readonly string[] | null;

  @TextList({
    description: 'Numbers that are assigned to one of these apps. None is in this release.',
    itemsMax: filterValuesMax,
    each: idPattern('va'),
    itemIs: 'the id of an app',
  })
  voice_app?: readonly string[] | null;

  @TextList({
    description: 'Numbers that are assigned to one of these trunks. None is in this release.',
    itemsMax: filterValuesMax,
    each: idPattern('st'),
    itemIs: 'the id of a trunk',
  })
  sip_trunk?: readonly string[] | null;
}

const nothing = { items: [], page: wholePage };

@Controller('api/v1/virtual-numbers')
export class ListVirtualNumbersController {
  constructor(
    @Inject(QueryBus) private readonly queries: QueryBus,
    @Inject(NumberReader) private readonly reader: NumberReader,
    @Inject(ReadGate) private readonly gate: ReadGate,
  ) {}

  @Get()
  @Operation({
    id: 'listVirtualNumbers',
    tag: 'Numbers',
    summary: 'The numbers that an account has, the one received last first',
    description: 'Numbers that come in later change no page.',
    access: { scopes: ['numbers:write', 'calls:read'], operatorsOnly: false, modes: 'own' },
    answer: { status: status.ok, description: 'A page of numbers.', schema: 'VirtualNumberList' },
    list: true,
    read: true,
    problems: ['cursor_invalid', 'not_found'],
  })
  async list(
    @Query(validatedQuery(ListVirtualNumbersQuery)) query: ListVirtualNumbersQuery,
    @Req() request: FastifyRequest,
  ): Promise<object> {
    const caller = callerOf(request);
    const accountId = accountFor(caller, query.account_id, 'query');
    const pageRequest = pageRequestOf(query);
    await this.gate.wait(request, query.min_position, ['numbers']);
    const filter = { accountId, mode: modeFor(caller, null), territories: query.location ?? null };
    // No number is assigned to anything yet, so these filters leave nothing.
    const assigned = isGiven(query.voice_app) || isGiven(query.sip_trunk);
    const { items, page } = assigned ? nothing : await this.#page(filter, query.search ?? null, pageRequest);
    return listBody(items, page);
  }

  #page(filter: OwnNumberFilter, search: string | null, pageRequest: PageRequest) {
    const read = async (request: PageRequest) => {
      const page = await this.queries.execute(new ListNumbers(filter, request));
      return { items: await this.reader.bodies(page.rows), page };
    };
    return search === null ? read(pageRequest) : pageOfMatches(pageRequest, containing(search), read);
  }
}

function isGiven(values: readonly string[] | null | undefined): boolean {
  return values !== null && values !== undefined;
}

function containing(search: string): (number: NumberBody) => boolean {
  const wanted = search.toLowerCase();
  return ({ name, number }) => [name, number].some((text) => text?.toLowerCase().includes(wanted) === true);
}
