import { Inject, type Type } from '@nestjs/common';
import { type Query, QueryHandler, type QueryResult } from '@nestjs/cqrs';

/** Makes the handler of a query that one call of a class of queries answers; named after the query, for messages. */
export function queryHandler<Asked extends Query<unknown>, Queries extends object>(
  query: Type<Asked>,
  queries: Type<Queries>,
  answer: (queries: Queries, query: Asked) => Promise<QueryResult<Asked>>,
): Type {
  @QueryHandler(query)
  class Handler {
    constructor(@Inject(queries) private readonly queries: Queries) {}

    execute(asked: Asked): Promise<QueryResult<Asked>> {
      return answer(this.queries, asked);
    }
  }
  return Object.defineProperty(Handler, 'name', { value: `${query.name}Handler` });
}
