import { type AccountLimits, platformLimits } from './account-limits.js';
import type { DailySpend } from './daily-spend.js';
import { restedGcra, type Gcra } from './gcra.js';

/** The limits of an account in one mode, with the usage of all its keys together. */
export type ModeUse = {
  readonly limits: AccountLimits;
  /** The highest limits that the account's own keys may set. */
  readonly approved: AccountLimits;
  readonly gcra: Gcra;
  readonly lines: number;
  /** Number of live calls whose hang-up has not been requested. The name is part of stored snapshots. */
  readonly going: number;
  readonly spend: DailySpend;
};

/** The use of an account whose limits were never set and that has placed no call. */
export const restedMode: ModeUse = {
  limits: platformLimits,
  approved: platformLimits,
  gcra: restedGcra(platformLimits.callsPerSecond, platformLimits.burstCalls),
  lines: 0,
  going: 0,
  spend: null,
};
