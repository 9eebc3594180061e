import type { AccountId, NumberId } from '@ringfence/kernel/ids';
import type { NumberingPlan } from '../limits/numbering-plan.js';
import { type AuthorityOver, noKey, operatorsOnly } from '../shared/authorization.js';
import type { CommandMetadata, PresentedNumber, SealedText } from '../shared/values.js';
import type { ReleaseReason } from './inventory.events.js';

/** Adds a number to the inventory, for one account. */
export type AddNumber = CommandMetadata & {
  readonly type: 'AddNumber';
  readonly numberId: NumberId;
  readonly accountId: AccountId;
  /** Sealed as a subject of the platform. */
  readonly number: PresentedNumber;
  readonly locality: string | null;
  /** Sealed as a subject of the account. */
  readonly name: SealedText | null;
  /** Versioned reference data, attached by the lane. */
  readonly numberingPlan: NumberingPlan;
};
/** Reports that the account does not have the number, and never will under this id. Sent by the platform alone. */
export type ReleaseNumber = CommandMetadata & {
  readonly type: 'ReleaseNumber';
  readonly numberId: NumberId;
  readonly accountId: AccountId;
  readonly reason: ReleaseReason;
};
export type InventoryCommand = AddNumber | ReleaseNumber;

export const inventoryAuthority: AuthorityOver<InventoryCommand> = {
  AddNumber: operatorsOnly,
  ReleaseNumber: noKey,
};
