import type { AccountId } from '@ringfence/kernel/ids';
import type { EpochMs } from '@ringfence/kernel/units';
import type { SuspensionReason } from './account.events.js';

export type OpenedAccount = { readonly accountId: AccountId; readonly currency: string };
/** Whether an account exists and may call. */
export type AccountStanding =
  | { readonly status: 'unopened' }
  | (OpenedAccount & { readonly status: 'unverified' })
  | (OpenedAccount & { readonly status: 'active' })
  | (OpenedAccount & {
      readonly status: 'suspended';
      /** What it is again when it is resumed. */
      readonly before: 'unverified' | 'active';
      readonly reason: SuspensionReason;
      readonly suspendedAtMs: EpochMs;
    });
