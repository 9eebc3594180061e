import type { AccountLimits } from '@ringfence/domain/limits/account-limits';
import type { AccountRow, LimitsInForce } from '@ringfence/read-models/accounts/account.queries';
import { type Mode, modes } from '@ringfence/domain/platform/values';
import { momentText, type Opened } from '../edge/reading.js';

/** @param mode of these calls alone the limits are shown; null: of all */
export function accountBody(row: AccountRow, { values, erased }: Opened<'name'>, mode: Mode | null): object {
  return {
    id: row.accountId,
    name: values.name,
    currency: row.currency,
    region: row.region,
    time_zone: row.timeZone,
    status: row.status,
    suspension_reason: row.suspensionReason,
    opened_at: momentText(row.openedAtMs),
    verified_at: momentText(row.verifiedAtMs),
    suspended_at: momentText(row.suspendedAtMs),
    limits: modes.filter((each) => mode === null || each === mode).map((each) => limitsBody(each, row.limits[each])),
    erased,
  };
}

/** Limits as answers show them. */
export function limitsBody(mode: Mode, { limits, approved }: LimitsInForce): object {
  return { mode, ...boundsBody(limits), approved: boundsBody(approved) };
}

function boundsBody({ linesMax, callsPerSecond, burstCalls, dailySpendMicrosMax }: AccountLimits): object {
  return {
    lines_max: linesMax,
    calls_per_second: callsPerSecond,
    burst_calls: burstCalls,
    daily_spend_micros_max: dailySpendMicrosMax === null ? null : String(dailySpendMicrosMax),
  };
}
