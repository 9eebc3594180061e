import type { SuspensionReason } from '@ringfence/domain/accounts/account.events';
import { type AccountLimits, platformLimits } from '@ringfence/domain/limits/account-limits';
import type { ZoneSpan } from '@ringfence/domain/limits/account-days';
import type { Mode, SealedText } from '@ringfence/domain/shared/values';
import type { AccountId, SubjectId } from '@ringfence/kernel/ids';
import { type EpochMs, epochMs, type LocalDay, micros, type Position, position } from '@ringfence/kernel/units';
import type { SqlTransaction } from '@ringfence/ports/sql/sql-database';
import { type Page, pageOf, pagePlan, type PageRequest } from '../page.js';

export type AccountStatus = 'unverified' | 'active' | 'suspended';
export type AccountRow = {
  readonly accountId: AccountId;
  /** Position of its AccountOpened; also the cursor of lists. */
  readonly openedPosition: Position;
  readonly name: SealedText;
  readonly currency: string;
  readonly region: string;
  /** The zone in force until `zoneChange` takes effect. */
  readonly timeZone: string;
  readonly zoneChange: ZoneSpan | null;
  readonly status: AccountStatus;
  readonly suspensionReason: SuspensionReason | null;
  readonly openedAtMs: EpochMs;
  readonly verifiedAtMs: EpochMs | null;
  readonly suspendedAtMs: EpochMs | null;
  readonly limits: Readonly<Record<Mode, LimitsInForce>>;
};
/** `approved`: the most that the account's own keys may set. */
export type LimitsInForce = { readonly limits: AccountLimits; readonly approved: AccountLimits };

/** Accounts in their current state; their money is in the ledger. Throws Failure `database_unavailable` (retryable). */
export class AccountQueries {
  constructor(private readonly db: SqlTransaction) {}

  async findAccount(accountId: AccountId): Promise<AccountRow | undefined> {
    const [record] = await this.db.query<AccountRecord>(
      `select ${columns} from accounts.account a where account_id = $1`,
      [accountId],
    );
    return record === undefined ? undefined : accountRow(record);
  }

  /** Newest first. */
  async listAccounts(page: PageRequest): Promise<Page<AccountRow>> {
    const plan = pagePlan(page);
    const records = await this.db.query<AccountRecord>(
      `select ${columns} from accounts.account a where ($1::int8 is null or opened_position ${plan.comparison} $1)
       order by opened_position ${plan.direction} limit $2`,
      [plan.from, plan.fetch],
      'each_time',
    );
    return pageOf(page, records, (record) => position(Number(record.opened_position)), accountRow);
  }
}

type AccountRecord = {
  readonly account_id: AccountId;
  readonly opened_position: string;
  readonly name_subject: SubjectId;
  readonly name_ciphertext: string;
  readonly currency: string;
  readonly region: string;
  readonly time_zone: string;
  readonly next_time_zone: string | null;
  readonly next_zone_from_ms: string | null;
  readonly next_first_day: LocalDay | null;
  readonly status: AccountStatus;
  readonly suspension_reason: SuspensionReason | null;
  readonly opened_at_ms: string;
  readonly verified_at_ms: string | null;
  readonly suspended_at_ms: string | null;
  readonly limits: readonly LimitRecord[] | null;
};
type Bounds = {
  readonly calls_per_second: number;
  readonly burst_calls: number;
  readonly lines_max: number;
  readonly daily_spend_micros_max: string | null;
};
type LimitRecord = Bounds & { readonly mode: Mode } & {
  readonly [Name in keyof Bounds as `approved_${Name}`]: Bounds[Name];
};

/** Money as text: JSON has no whole numbers of 64 bits. */
const columns = `a.*, to_char(a.next_zone_first_day, 'YYYY-MM-DD') as next_first_day, (
  select json_agg(to_jsonb(l) || jsonb_build_object(
    'daily_spend_micros_max', l.daily_spend_micros_max::text,
    'approved_daily_spend_micros_max', l.approved_daily_spend_micros_max::text
  )) from accounts.account_limit l where l.account_id = a.account_id) as limits`;

function accountRow(record: AccountRecord): AccountRow {
  return {
    accountId: record.account_id,
    openedPosition: position(Number(record.opened_position)),
    name: { subjectId: record.name_subject, ciphertext: record.name_ciphertext },
    currency: record.currency,
    region: record.region,
    timeZone: record.time_zone,
    zoneChange: zoneChange(record),
    status: record.status,
    suspensionReason: record.suspension_reason,
    openedAtMs: epochMs(Number(record.opened_at_ms)),
    verifiedAtMs: moment(record.verified_at_ms),
    suspendedAtMs: moment(record.suspended_at_ms),
    limits: { live: limitsInForce(record.limits, 'live'), test: limitsInForce(record.limits, 'test') },
  };
}

function zoneChange({ next_time_zone, next_zone_from_ms, next_first_day }: AccountRecord): ZoneSpan | null {
  if (next_time_zone === null || next_zone_from_ms === null) return null;
  return { timeZone: next_time_zone, fromMs: epochMs(Number(next_zone_from_ms)), firstDay: next_first_day };
}

function moment(value: string | null): EpochMs | null {
  return value === null ? null : epochMs(Number(value));
}

function limitsInForce(records: readonly LimitRecord[] | null, mode: Mode): LimitsInForce {
  const found = records?.find((record) => record.mode === mode);
  if (found === undefined) return { limits: platformLimits, approved: platformLimits };
  const approved = {
    calls_per_second: found.approved_calls_per_second,
    burst_calls: found.approved_burst_calls,
    lines_max: found.approved_lines_max,
    daily_spend_micros_max: found.approved_daily_spend_micros_max,
  };
  return { limits: limitsOf(found), approved: limitsOf(approved) };
}

function limitsOf(bounds: Bounds): AccountLimits {
  const { calls_per_second, burst_calls, lines_max, daily_spend_micros_max: spend } = bounds;
  return {
    callsPerSecond: calls_per_second,
    burstCalls: burst_calls,
    linesMax: lines_max,
    dailySpendMicrosMax: spend === null ? null : micros(BigInt(spend)),
  };
}
