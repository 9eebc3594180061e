import { Query } from '@nestjs/cqrs';
import { queryHandler } from '../query.handlers.js';
import { UsageQueries, type UsageRequest, type UsageRow } from './usage.queries.js';

/** Latest first, then by cost. */
export class ListUsage extends Query<readonly UsageRow[]> {
  constructor(readonly request: UsageRequest) {
    super();
  }
}

export const usageHandlers = [queryHandler(ListUsage, UsageQueries, (usage, { request }) => usage.usage(request))];
