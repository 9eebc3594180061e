import { Inject, Injectable } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { territoryPattern } from '@ringfence/domain/limits/numbering-plan';
import type { PageRequest } from '@ringfence/read-models/page';
import { ListNumbers } from '@ringfence/read-models/numbers/number.handlers';
import type { OwnNumberFilter } from '@ringfence/read-models/numbers/number.queries';
import { conditionValuesMax } from '@ringfence/wire/commands/numbers/selection-fields';
import { Text, TextList } from '../edge/fields.js';
import { PageQuery } from '../edge/query-fields.js';
import { listBody } from '../edge/reading.js';
import { type NumberBody, NumberReader } from './number-reader.js';
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

/** Pages of an account's numbers. */
@Injectable()
export class NumberPages {
  constructor(
    @Inject(QueryBus) private readonly queries: QueryBus,
    @Inject(NumberReader) private readonly reader: NumberReader,
  ) {}

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
