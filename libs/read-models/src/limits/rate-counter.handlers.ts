import { Inject } from '@nestjs/common';
import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import type { AccountId, KeyId } from '@ringfence/kernel/ids';
import type { EpochMs } from '@ringfence/kernel/units';
import { RateCounterQueries, type RateCounterRow } from './rate-counter.queries.js';

/** Counters of the seconds in `[from, to)`, latest first. */
export class ListRateCounters extends Query<readonly RateCounterRow[]> {
  constructor(
    readonly accountId: AccountId,
    readonly keyId: KeyId,
    readonly from: EpochMs,
    readonly to: EpochMs,
  ) {
    super();
  }
}

@QueryHandler(ListRateCounters)
export class ListRateCountersHandler implements IQueryHandler<ListRateCounters> {
  constructor(@Inject(RateCounterQueries) private readonly counters: RateCounterQueries) {}

  execute({ accountId, keyId, from, to }: ListRateCounters): Promise<readonly RateCounterRow[]> {
    return this.counters.rateCounters(accountId, keyId, from, to);
  }
}
