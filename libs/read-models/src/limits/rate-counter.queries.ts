import type { CallRefusalCode } from '@ringfence/domain/calls/call-refusals';
import type { AccountId, KeyId } from '@ringfence/kernel/ids';
import { type EpochMs, epochMs } from '@ringfence/kernel/units';
import type { SqlTransaction } from '@ringfence/ports/sql/sql-database';

const rateCounterRowsMax = 3_600;

export type RateCounterRow = {
  readonly keyId: KeyId;
  /** Start of the second; calls belong to the second in which they were decided. */
  readonly secondMs: EpochMs;
  readonly accepted: number;
  readonly refused: number;
  /** Refusals by their reason. */
  readonly reasons: Readonly<Partial<Record<CallRefusalCode, number>>>;
};

/** Counters for operators, for instance when a key floods. Throws Failure `database_unavailable` (retryable). */
export class RateCounterQueries {
  constructor(private readonly db: SqlTransaction) {}

  /** The seconds in `[from, to)` that have calls, latest first, at most rateCounterRowsMax. */
  async rateCounters(
    accountId: AccountId,
    keyId: KeyId,
    from: EpochMs,
    to: EpochMs,
  ): Promise<readonly RateCounterRow[]> {
    const records = await this.db.query<RateCounterRecord>(
      `select second_ms, accepted, refused,
         (select json_object_agg(code, r.refused order by code) from rate_counters.refusal_second r
          where r.key_id = s.key_id and r.second_ms = s.second_ms) as reasons
       from rate_counters.key_second s
       where key_id = $1 and account_id = $2 and second_ms >= $3 and second_ms < $4
       order by second_ms desc limit ${rateCounterRowsMax}`,
      [keyId, accountId, from, to],
    );
    return records.map((record) => ({
      keyId,
      secondMs: epochMs(Number(record.second_ms)),
      accepted: Number(record.accepted),
      refused: Number(record.refused),
      reasons: record.reasons ?? {},
    }));
  }
}

type RateCounterRecord = {
  readonly second_ms: string;
  readonly accepted: string;
  readonly refused: string;
  readonly reasons: Partial<Record<CallRefusalCode, number>> | null;
};
