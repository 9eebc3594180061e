import type { AccountId } from '@ringfence/kernel/ids';
import type { EpochMs } from '@ringfence/kernel/units';
import type { SuspensionReason } from './account.events.js';

export type OpenedAccount = { readonly accountId: AccountId; readonly currency: string };
/** Standing of an account: it exists, and may call. */
export type AccountStanding =
  | { readonly status: 'unopened' }
  | (OpenedAccount & { readonly status: 'unverified' })
  | (OpenedAccount & { readonly status: 'active' })
  | (OpenedAccount & {
      readonly status: 'suspended';
      /** Standing that it has again when it is resumed. */
      readonly before: 'unverified' | 'active';
      readonly reason: SuspensionReason;
      readonly suspendedAtMs: EpochMs;
    });
