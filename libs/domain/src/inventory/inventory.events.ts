import type { AccountId, NumberId } from '@ringfence/kernel/ids';
import type { EpochMs } from '@ringfence/kernel/units';
import type { AllocatedNumber } from '../numbers/number.events.js';
import type { Mode } from '../shared/values.js';

/** Reasons for which an allocation ends. */
export const releaseReasons = ['withdrawn', 'undeliverable'] as const;
export type ReleaseReason = (typeof releaseReasons)[number];

/** The allocation of a number to an account, which is yet to receive it. */
export type NumberAdded = AllocatedNumber & { readonly type: 'NumberAdded'; readonly addedAtMs: EpochMs };
/** The end of an allocation: no account has the number any more, and it can be added again. */
export type NumberReleased = {
  readonly type: 'NumberReleased';
  readonly numberId: NumberId;
  readonly accountId: AccountId;
  readonly mode: Mode;
  readonly reason: ReleaseReason;
  readonly releasedAtMs: EpochMs;
};
export type InventoryEvent = NumberAdded | NumberReleased;
