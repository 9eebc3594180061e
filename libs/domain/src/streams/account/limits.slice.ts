import type { LocalDay } from '@ringfence/kernel/units';
import type { AccountLimitsSet, AccountOpened, AccountTimeZoneChanged } from '../../accounts/account.events.js';
import type { BegunCall } from '../../calls/begun-call.js';
import type { CallCompleted, CallExtended, CallFailed, CallHangUpRequested } from '../../calls/call.events.js';
import { releaseOf } from '../../calls/live-call.js';
import { type AccountDays, afterCallOf, afterZoneChange, daysOfOpened, spendDayOf } from '../../limits/account-days.js';
import { afterRelease, afterReservation } from '../../limits/daily-spend.js';
import { afterCall, withRate } from '../../limits/gcra.js';
import { restedMode, type ModeUse } from '../../limits/mode-use.js';
import type { Mode } from '../../shared/values.js';
import type { AccountState } from './account-state.js';

export type LimitsShare = {
  /** null: the account is not open yet. */
  readonly days: AccountDays | null;
  readonly modes: Readonly<Record<Mode, ModeUse>>;
};

export const initial: LimitsShare = { days: null, modes: { live: restedMode, test: restedMode } };

export function opened(_before: LimitsShare, { timeZone, openedAtMs }: AccountOpened): Partial<LimitsShare> {
  return { days: daysOfOpened(timeZone, openedAtMs) };
}

export function timeZoneChanged({ days }: LimitsShare, event: AccountTimeZoneChanged): Partial<LimitsShare> {
  return days === null ? {} : { days: afterZoneChange(days, event, event.changedAtMs) };
}

/** Applies new limits. A changed rate keeps the debt in time; lines in use stay in use. */
export function limitsSet({ modes }: LimitsShare, { mode, limits, approved }: AccountLimitsSet): Partial<LimitsShare> {
  const { callsPerSecond, burstCalls } = limits;
  const { gcra } = modes[mode];
  return withMode(modes, mode, { limits, approved, gcra: withRate(gcra, callsPerSecond, burstCalls) });
}

export function callBegan({ days, modes }: LimitsShare, event: BegunCall): Partial<LimitsShare> {
  const { mode, localDay, placedAtMs, reservedMicros } = event;
  const { gcra, lines, going, spend } = modes[mode];
  return {
    ...onDay(days, localDay),
    ...withMode(modes, mode, {
      gcra: afterCall(gcra, placedAtMs),
      lines: lines + 1,
      going: going + 1,
      spend: afterReservation(spend, spendDayOf(days, localDay), reservedMicros),
    }),
  };
}

export function callExtended({ days, modes }: LimitsShare, event: CallExtended): Partial<LimitsShare> {
  const { mode, localDay, addedMicros } = event;
  const spend = afterReservation(modes[mode].spend, spendDayOf(days, localDay), addedMicros);
  return { ...onDay(days, localDay), ...withMode(modes, mode, { spend }) };
}

type WithCalls = Pick<AccountState, 'calls' | 'modes'>;

export function callHangUpRequested({ calls, modes }: WithCalls, event: CallHangUpRequested): Partial<LimitsShare> {
  const call = calls.get(event.callId);
  if (call?.hangUp !== null) return {}; // not live, or hang-up requested before
  return withMode(modes, call.mode, { going: modes[call.mode].going - 1 });
}

export function callEnded({ calls, modes }: WithCalls, event: CallCompleted | CallFailed): Partial<LimitsShare> {
  const call = calls.get(event.callId);
  if (call === undefined) return {};
  const { going, lines, spend } = modes[event.mode];
  const { day, onDayMicros } = releaseOf(call, event);
  return withMode(modes, event.mode, {
    going: call.hangUp === null ? going - 1 : going,
    lines: lines - 1,
    spend: afterRelease(spend, day, onDayMicros),
  });
}

function onDay(days: AccountDays | null, day: LocalDay): Partial<LimitsShare> {
  return days === null ? {} : { days: afterCallOf(days, day) };
}

function withMode(modes: LimitsShare['modes'], mode: Mode, change: Partial<ModeUse>): Pick<LimitsShare, 'modes'> {
  return { modes: { ...modes, [mode]: { ...modes[mode], ...change } } };
}
