import { Query } from '@nestjs/cqrs';
import type { AccountId, KeyId } from '@ringfence/kernel/ids';
import type { EpochMs } from '@ringfence/kernel/units';
import { queryHandler } from '../query.handlers.js';
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

export const rateCounterHandlers = [
  queryHandler(ListRateCounters, RateCounterQueries, (counters, { accountId, keyId, from, to }) =>
    counters.rateCounters(accountId, keyId, from, to),
  ),
];
