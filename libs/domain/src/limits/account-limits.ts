import type { Micros } from '@ringfence/kernel/units';
import { isWholeWithin } from '../shared/whole-number.js';

/** Most that the platform grants, to an account as to a key. */
export const callsPerSecondMax = 10_000;
export const burstCallsMax = 10_000;
export const linesMaxMax = 100_000;

/** Limits of one account in one mode, for all of its keys together. */
export type AccountLimits = {
  /** New calls a second in the long run; 1–10 000. */
  readonly callsPerSecond: number;
  /** Number of calls that may come at once after a rest; 1–10 000. */
  readonly burstCalls: number;
  /** Concurrent calls; 0–100 000. */
  readonly linesMax: number;
  /**
   * Money that calls may cost in one local day of the account, reservations included; null: no limit but the balance.
   */
  readonly dailySpendMicrosMax: Micros | null;
};

/**
 * Limits of an account until its own are set: its share of the platform, so generous that only a flood reaches it. Live
 * and test calls are counted apart, so that a sandbox under test never takes a live line.
 */
export const platformLimits: AccountLimits = {
  callsPerSecond: callsPerSecondMax,
  burstCalls: burstCallsMax,
  linesMax: linesMaxMax,
  dailySpendMicrosMax: null,
};

/** A sentence that says what would be right; undefined: nothing is wrong. */
export function accountLimitsFault(limits: AccountLimits): string | undefined {
  const { callsPerSecond, burstCalls, linesMax, dailySpendMicrosMax } = limits;
  if (!isWholeWithin(callsPerSecond, 1, platformLimits.callsPerSecond))
    return `calls per second: a whole number from 1 to ${platformLimits.callsPerSecond}`;
  if (!isWholeWithin(burstCalls, 1, platformLimits.burstCalls))
    return `burst: a whole number from 1 to ${platformLimits.burstCalls}`;
  if (!isWholeWithin(linesMax, 0, platformLimits.linesMax))
    return `lines: a whole number from 0 to ${platformLimits.linesMax}`;
  return dailySpendMicrosMax !== null && dailySpendMicrosMax < 0n ? 'daily spend: zero or more' : undefined;
}

/** The limits that are wider than what was approved, by name; none: all are within it. */
export function beyondApproved(limits: AccountLimits, approved: AccountLimits): readonly string[] {
  return [
    limits.callsPerSecond > approved.callsPerSecond && 'calls per second',
    limits.burstCalls > approved.burstCalls && 'burst',
    limits.linesMax > approved.linesMax && 'lines',
    isWider(limits.dailySpendMicrosMax, approved.dailySpendMicrosMax) && 'daily spend',
  ].filter((name) => name !== false);
}

/** Returns the looser of two bounds; null is without bound. */
export function looserBound(left: Micros | null, right: Micros | null): Micros | null {
  return isWider(left, right) ? left : right;
}

function isWider(left: Micros | null, right: Micros | null): boolean {
  return right !== null && (left === null || left > right);
}
