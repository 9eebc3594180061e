import { type AccountLimits, platformLimits } from './account-limits.js';
import type { DailySpend } from './daily-spend.js';
import { restedGcra, type Gcra } from './gcra.js';

/** The limits of an account in one mode, and what all its keys together have used of them. */
export type ModeUse = {
  readonly limits: AccountLimits;
  /** The most that the account's own keys may set them to. */
  readonly approved: AccountLimits;
  readonly gcra: Gcra;
  readonly lines: number;
  /** Live calls that nobody has asked to end. The name is part of stored snapshots. */
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
