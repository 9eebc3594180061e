import type { ZoneSpan } from '@ringfence/domain/limits/account-days';
import type { AccountLimits } from '@ringfence/domain/limits/account-limits';
import type { AccountRow, LimitsInForce } from '@ringfence/read-models/accounts/account.queries';
import { type Mode, modes } from '@ringfence/domain/shared/values';
import type { EpochMs } from '@ringfence/kernel/units';
import { momentText, type Opened } from '../edge/reading.js';

/** An account as answers show it. @param mode whose limits are shown; null: those of both */
export function accountBody(
  row: AccountRow,
  { values, erased }: Opened<'name'>,
  mode: Mode | null,
  nowMs: EpochMs,
): object {
  return {
    id: row.accountId,
    name: values.name,
    currency: row.currency,
    region: row.region,
    ...zoneBody(row, nowMs),
    status: row.status,
    suspension_reason: row.suspensionReason,
    opened_at: momentText(row.openedAtMs),
    verified_at: momentText(row.verifiedAtMs),
    suspended_at: momentText(row.suspendedAtMs),
    limits: modes.filter((each) => mode === null || each === mode).map((each) => limitsBody(each, row.limits[each])),
    erased,
  };
}

/** The zone in force and the one to come. */
function zoneBody({ timeZone, zoneChange }: AccountRow, nowMs: EpochMs): object {
  if (zoneChange === null) return { time_zone: timeZone, time_zone_change: null };
  if (zoneChange.fromMs <= nowMs) return { time_zone: zoneChange.timeZone, time_zone_change: null };
  return { time_zone: timeZone, time_zone_change: zoneChangeBody(zoneChange) };
}

export function zoneChangeBody({ timeZone, fromMs, firstDay }: ZoneSpan): object {
  return { time_zone: timeZone, effective_from: momentText(fromMs), first_day: firstDay };
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
