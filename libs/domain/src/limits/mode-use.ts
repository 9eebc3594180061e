import { type AccountLimits, platformLimits } from './account-limits.js';
import type { DailySpend } from './daily-spend.js';
import { restedGcra, type Gcra } from './gcra.js';

/** What all keys of one mode use together. */
export type ModeUse = {
  readonly limits: AccountLimits;
  /** The most that the account's own keys may set them to. */
  readonly approved: AccountLimits;
  readonly gcra: Gcra;
  readonly lines: number;
  /** Calls that nobody asked to end. */
  readonly going: number;
  readonly spend: DailySpend;
};

/** Of an account whose limits nobody has set and that has not called. */
export const restedMode: ModeUse = {
  limits: platformLimits,
  approved: platformLimits,
  gcra: restedGcra(platformLimits.callsPerSecond, platformLimits.burstCalls),
  lines: 0,
  going: 0,
  spend: null,
};
