import { Inject } from '@nestjs/common';
import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { UsageQueries, type UsageRequest, type UsageRow } from './usage.queries.js';

/** Latest first, then by cost. */
export class ListUsage extends Query<readonly UsageRow[]> {
  constructor(readonly request: UsageRequest) {
    super();
  }
}

@QueryHandler(ListUsage)
export class ListUsageHandler implements IQueryHandler<ListUsage> {
  constructor(@Inject(UsageQueries) private readonly usage: UsageQueries) {}

  execute({ request }: ListUsage): Promise<readonly UsageRow[]> {
    return this.usage.usage(request);
  }
}
