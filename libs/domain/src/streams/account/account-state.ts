import type { AccountsShare } from './accounts.slice.js';
import type { BillingShare } from './billing.slice.js';
import type { CallsShare } from './calls.slice.js';
import type { DueQueue } from './due-queue.js';
import type { KeysShare } from './keys.slice.js';
import type { LimitsShare } from './limits.slice.js';
import type { RejectionsShare } from './rejections.slice.js';
import type { Timer } from './timer.js';

/** Shares of the slices in one account. */
export type AccountShares = AccountsShare & LimitsShare & BillingShare & KeysShare & CallsShare & RejectionsShare;

/** State of one account, with everything that decisions read. Never changed in place. */
export type AccountState = AccountShares & {
  /**
   * Scheduled timers. Entries that no longer hold may lie further back, the first always holds. Derived: no snapshot
   * has it.
   */
  readonly timers: DueQueue<Timer>;
};
