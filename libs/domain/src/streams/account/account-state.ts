import type { AccountsShare } from './accounts.slice.js';
import type { AppsShare } from './apps.slice.js';
import type { BillingShare } from './billing.slice.js';
import type { CallsShare } from './calls.slice.js';
import type { DueQueue } from './due-queue.js';
import type { KeysShare } from './keys.slice.js';
import type { LimitsShare } from './limits.slice.js';
import type { NumbersShare } from './numbers.slice.js';
import type { RejectionsShare } from './rejections.slice.js';
import type { Timer } from './timer.js';
import type { TrunksShare } from './trunks.slice.js';
import type { WebhooksShare } from './webhooks.slice.js';

/** Shares of the slices in one account. */
export type AccountShares = AccountsShare &
  LimitsShare &
  BillingShare &
  KeysShare &
  CallsShare &
  WebhooksShare &
  AppsShare &
  TrunksShare &
  NumbersShare &
  RejectionsShare;

/** State of one account, with everything that decisions read. Immutable. */
export type AccountState = AccountShares & {
  /**
   * Scheduled timers. The first entry is always valid; stale ones may follow. Derived, so not part of snapshots.
   */
  readonly timers: DueQueue<Timer>;
};
