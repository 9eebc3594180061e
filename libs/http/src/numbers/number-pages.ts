import { Inject, Injectable } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import type { AccountId } from '@ringfence/kernel/ids';
import type { Mode } from '@ringfence/domain/shared/values';
import { territoryPattern } from '@ringfence/domain/limits/numbering-plan';
import type { PageRequest } from '@ringfence/read-models/page';
import { ListNumbers } from '@ringfence/read-models/numbers/number.handlers';
import type { AssigneeId, OwnNumberFilter } from '@ringfence/read-models/numbers/number.queries';
import { conditionValuesMax } from '@ringfence/wire/commands/numbers/selection-fields';
import type { FastifyRequest } from 'fastify';
import { Text, TextList } from '../edge/fields.js';
import { PageQuery } from '../edge/query-fields.js';
import { listBody, pageRequestOf, ReadGate } from '../edge/reading.js';
import { edgeProblem } from '../problem.js';
import { type NumberBody, numberReadModels, NumberReader } from './number-reader.js';
import { pageOfMatches } from './number-search.js';

/** The query of every list of an account's numbers. */
export class NumberPageQuery extends PageQuery {
  @Text({ description: 'Numbers that contain this text, or whose names do, in any case.', charactersMax: 100 })
  search?: string | null;

  @TextList({
    description: 'Numbers of these territories: ISO 3166-1 alpha-2. Repeat the parameter for several.',
    itemsMax: conditionValuesMax,
    each: territoryPattern,
    itemIs: 'a territory such as US',
  })
  location?: readonly string[] | null;
}

type Assignee = {
  /** undefined: the text of the request is no id. */
  readonly id: AssigneeId | undefined;
  find(): Promise<{ readonly accountId: AccountId; readonly mode: Mode } | undefined>;
  readonly noun: string;
};

/** Pages of an account's numbers. */
@Injectable()
export class NumberPages {
  constructor(
    @Inject(QueryBus) private readonly queries: QueryBus,
    @Inject(NumberReader) private readonly reader: NumberReader,
    @Inject(ReadGate) private readonly gate: ReadGate,
  ) {}

  /**
   * The numbers of one app or trunk.
   * @throws HttpProblem `not_found` where `find` finds nothing, `cursor_invalid`; as `ReadGate.wait` and `body`
   */
  async assignedTo(request: FastifyRequest, query: NumberPageQuery, assignee: Assignee): Promise<object> {
    const pageRequest = pageRequestOf(query);
    await this.gate.wait(request, query.min_position, numberReadModels);
    const found = await assignee.find();
    if (assignee.id === undefined || found === undefined || (query.account_id ?? found.accountId) !== found.accountId)
      throw edgeProblem('not_found', `there is no such ${assignee.noun}`);
    const { accountId, mode } = found;
    const filter = { accountId, mode, territories: query.location ?? null, assignedTo: [assignee.id] };
    return this.body(filter, query.search, pageRequest);
  }

  /** @throws Failure `vault_unavailable`, `database_unavailable` (retryable) */
  async body(filter: OwnNumberFilter, search: string | null | undefined, pageRequest: PageRequest): Promise<object> {
    const read = async (request: PageRequest) => {
      const page = await this.queries.execute(new ListNumbers(filter, request));
      return { items: await this.reader.bodies(page.rows), page };
    };
    const { items, page } = await (typeof search === 'string'
      ? pageOfMatches(pageRequest, containing(search), read)
      : read(pageRequest));
    return listBody(items, page);
  }
}

function containing(search: string): (number: NumberBody) => boolean {
  const wanted = search.toLowerCase();
  return ({ name, number }) => [name, number].some((text) => text?.toLowerCase().includes(wanted) === true);
}
