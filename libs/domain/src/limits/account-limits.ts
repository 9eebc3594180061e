import type { Micros } from '@ringfence/kernel/units';
import { isWholeWithin } from '../shared/whole-number.js';

/** The highest limits that the platform grants, to accounts and to keys. */
export const callsPerSecondMax = 10_000;
export const burstCallsMax = 10_000;
export const linesMaxMax = 100_000;

/** Limits of one account in one mode, for all of its keys together. */
export type AccountLimits = {
  /** Sustained rate of new calls per second; 1–10 000. */
  readonly callsPerSecond: number;
  /** Number of calls that may be placed at once after a pause; 1–10 000. */
  readonly burstCalls: number;
  /** Concurrent calls; 0–100 000. */
  readonly linesMax: number;
  /**
   * Money that calls may cost per local day of the account, reservations included; null: limited only by the balance.
   */
  readonly dailySpendMicrosMax: Micros | null;
};

/**
 * Limits of an account until its own are set, so generous that only a flood reaches them. Live and test calls are
 * counted separately, so that tests in the sandbox never take a live line.
 */
export const platformLimits: AccountLimits = {
  callsPerSecond: callsPerSecondMax,
  burstCalls: burstCallsMax,
  linesMax: linesMaxMax,
  dailySpendMicrosMax: null,
};

/** A sentence with the expectation; undefined: the limits are valid. */
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

/** The names of limits wider than the approved ones; empty: there are none. */
export function beyondApproved(limits: AccountLimits, approved: AccountLimits): readonly string[] {
  return [
    limits.callsPerSecond > approved.callsPerSecond && 'calls per second',
    limits.burstCalls > approved.burstCalls && 'burst',
    limits.linesMax > approved.linesMax && 'lines',
    isWider(limits.dailySpendMicrosMax, approved.dailySpendMicrosMax) && 'daily spend',
  ].filter((name) => name !== false);
}

/** Returns the looser of two bounds; null is unbounded. */
export function looserBound(left: Micros | null, right: Micros | null): Micros | null {
  return isWider(left, right) ? left : right;
}

function isWider(left: Micros | null, right: Micros | null): boolean {
  return right !== null && (left === null || left > right);
}
