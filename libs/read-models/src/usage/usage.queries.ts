import { daysBetween, type ZoneSpan, type ZoneSpans } from '@ringfence/domain/limits/account-days';
import type { Calendar } from '@ringfence/domain/shared/calendar';
import type { Mode } from '@ringfence/domain/shared/values';
import type { AccountId } from '@ringfence/kernel/ids';
import {
  type DurationMs,
  durationMs,
  type EpochMs,
  epochMs,
  type LocalDay,
  type Micros,
  micros,
} from '@ringfence/kernel/units';
import type { SqlTransaction } from '@ringfence/ports/sql/sql-database';

export const usageGroupings = ['minute', 'day', 'total'] as const;
export type UsageGrouping = (typeof usageGroupings)[number];
export const usageDimensions = ['key', 'application', 'project', 'none'] as const;
export type UsageDimension = (typeof usageDimensions)[number];
/** The most rows of one answer; the latest are kept. */
const usageRowsMax = 10_000;

export type UsageRequest = {
  readonly accountId: AccountId;
  /** null: both. */
  readonly mode: Mode | null;
  readonly groupBy: UsageGrouping;
  readonly by: UsageDimension;
  /** Beginning of the span: the minute that contains it is the first; by day or total, the account's local day. */
  readonly from: EpochMs;
  /** End of the span, exclusive: the minute of the moment before it is the last; by day or total, the local day. */
  readonly to: EpochMs;
};

export type UsageRow = {
  /** Start of the minute; null unless grouped by minute. */
  readonly minuteMs: EpochMs | null;
  /** Null unless grouped by day. */
  readonly localDay: LocalDay | null;
  readonly mode: Mode;
  /** The key's id, the project's or application's label; '' with dimension `none`, and for refusals of unknown keys. */
  readonly value: string;
  readonly calls: number;
  readonly answered: number;
  readonly failed: number;
  readonly refused: number;
  readonly talkTimeMs: DurationMs;
  readonly billedMs: DurationMs;
  readonly costMicros: Micros;
  /** Average cost of an answered call, rounded down; null: none was answered. */
  readonly averageCostMicros: Micros | null;
};

/** Usage of an account, latest first, then by cost. Throws Failure `database_unavailable` (retryable). */
export class UsageQueries {
  constructor(
    private readonly db: SqlTransaction,
    private readonly calendar: Calendar,
  ) {}

  async usage(request: UsageRequest): Promise<readonly UsageRow[]> {
    const { accountId, mode, groupBy, from, to } = request;
    const spans = await this.#zonesOf(accountId);
    if (spans === undefined || to <= from) return [];
    // The requested days. On which of them an event counts is recorded in the event.
    const days = daysBetween(spans, this.calendar, from, to);
    const calendar = [days.map(({ day }) => day), days.map(({ startMs }) => startMs), days.map(({ endMs }) => endMs)];
    const bounds = groupBy === 'minute' ? [from - (from % 60_000), to] : [days[0]?.day, days.at(-1)?.day, ...calendar];
    const records = await this.db.query<UsageRecord>(sqlOf(request), [accountId, mode, ...bounds], 'each_time');
    return records.map(usageRow);
  }

  async #zonesOf(accountId: AccountId): Promise<ZoneSpans | undefined> {
    const records = await this.db.query<ZoneRecord>(
      `select time_zone, from_ms, to_char(first_day, 'YYYY-MM-DD') as first_day
       from usage.account_zone where account_id = $1 order by from_ms`,
      [accountId],
    );
    const [first, ...others] = records.map(zoneSpan);
    return first === undefined ? undefined : [first, ...others];
  }
}

type ZoneRecord = { readonly time_zone: string; readonly from_ms: string; readonly first_day: LocalDay | null };

function zoneSpan({ time_zone, from_ms, first_day }: ZoneRecord): ZoneSpan {
  return { timeZone: time_zone, fromMs: epochMs(Number(from_ms)), firstDay: first_day };
}

type UsageRecord = {
  readonly minute_ms: string | null;
  readonly local_day: LocalDay | null;
  readonly mode: Mode;
  readonly value: string;
  readonly calls: string;
  readonly answered: string;
  readonly failed: string;
  readonly refused: string;
  readonly talk_time_ms: string;
  readonly billed_ms: string;
  readonly charged_micros: string;
};

/**
 * Statement with $1 account, $2 mode or null, $3 and $4 bounds; $5, $6 and $7 the days of the account's calendar with
 * their beginnings and ends, for refusals that have no day.
 */
function sqlOf({ groupBy, by }: UsageRequest): string {
  const value = { key: 'key_id', application: 'application', project: 'project', none: `''` }[by];
  const byMinute = groupBy === 'minute';
  const calls = byMinute
    ? `select *, minute_ms as moment, 0 as refused from usage.call_minute
       where account_id = $1 and minute_ms >= $3 and minute_ms < $4`
    : `select *, local_day as moment, 0 as refused from usage.call_day
       where account_id = $1 and local_day >= $3::date and local_day <= $4::date`;
  const refusals = byMinute
    ? `select minute_ms as moment, mode, key_id, refused from usage.refusal_minute
       where account_id = $1 and minute_ms >= $3 and minute_ms < $4`
    : `select local_day as moment, mode, key_id, refused from usage.refusal_day
       where account_id = $1 and local_day >= $3::date and local_day <= $4::date
       union all
       select calendar.local_day, mode, key_id, undated from usage.refusal_minute
         join unnest($5::date[], $6::int8[], $7::int8[]) as calendar (local_day, starts_ms, ends_ms)
           on minute_ms >= starts_ms and minute_ms < ends_ms
       where account_id = $1 and undated > 0
         and minute_ms >= ($6::int8[])[1] and minute_ms < ($7::int8[])[cardinality($7::int8[])]`;
  return `
    with counted as (
      select moment, mode, key_id, project, application, calls, answered, failed, refused, talk_time_ms, billed_ms, charged_micros
      from (${calls}) as placed
      union all
      select moment, mode, key_id, coalesce(project, ''), coalesce(application, ''), 0, 0, 0, refused, 0, 0, 0
      from (${refusals}) as turned_down left join usage.key_label using (key_id)
    )
    select ${byMinute ? 'moment::text' : 'null'} as minute_ms, ${groupBy === 'day' ? 'moment::text' : 'null'} as local_day, mode,
      ${value} as value, sum(calls)::text as calls, sum(answered)::text as answered, sum(failed)::text as failed,
      sum(refused)::text as refused, sum(talk_time_ms)::text as talk_time_ms, sum(billed_ms)::text as billed_ms,
      sum(charged_micros)::text as charged_micros
    from counted where $2::text is null or mode = $2
    group by ${groupBy === 'total' ? '' : 'moment, '}mode, ${value === `''` ? '4' : value}
    order by ${groupBy === 'total' ? '' : 'moment desc, '}sum(charged_micros) desc, sum(calls) desc, value, mode limit ${usageRowsMax}`;
}

function usageRow(record: UsageRecord): UsageRow {
  const answered = Number(record.answered);
  const costMicros = micros(BigInt(record.charged_micros));
  return {
    minuteMs: record.minute_ms === null ? null : epochMs(Number(record.minute_ms)),
    localDay: record.local_day,
    mode: record.mode,
    value: record.value,
    calls: Number(record.calls),
    answered,
    failed: Number(record.failed),
    refused: Number(record.refused),
    talkTimeMs: durationMs(Number(record.talk_time_ms)),
    billedMs: durationMs(Number(record.billed_ms)),
    costMicros,
    averageCostMicros: answered === 0 ? null : micros(costMicros / BigInt(answered)),
  };
}
