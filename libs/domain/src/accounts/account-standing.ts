import type { AccountId } from '@ringfence/kernel/ids';
import type { EpochMs } from '@ringfence/kernel/units';
import type { SuspensionReason } from './account.events.js';

export type OpenedAccount = { readonly accountId: AccountId; readonly currency: string };
/** Standing of an account: whether it exists and may place calls. */
export type AccountStanding =
  | { readonly status: 'unopened' }
  | (OpenedAccount & { readonly status: 'unverified' })
  | (OpenedAccount & { readonly status: 'active' })
  | (OpenedAccount & {
      readonly status: 'suspended';
      /** The standing that a resumption restores. */
      readonly before: 'unverified' | 'active';
      readonly reason: SuspensionReason;
      readonly suspendedAtMs: EpochMs;
    });
