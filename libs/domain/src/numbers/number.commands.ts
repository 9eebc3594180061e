import type { AccountId, NumberId } from '@ringfence/kernel/ids';
import { type AuthorityOver, noKey, operatorsOnly } from '../shared/authorization.js';
import type { CommandMetadata, SealedText } from '../shared/values.js';
import type { AllocatedNumber } from './number.events.js';

/** Hands over a number that the inventory has allocated to the account. Sent by the platform alone. */
export type ReceiveNumber = CommandMetadata & AllocatedNumber & { readonly type: 'ReceiveNumber' };
export type RenameNumber = CommandMetadata & {
  readonly type: 'RenameNumber';
  readonly accountId: AccountId;
  readonly numberId: NumberId;
  readonly name: SealedText;
};
/** Takes a number back from the account. */
export type WithdrawNumber = CommandMetadata & {
  readonly type: 'WithdrawNumber';
  readonly accountId: AccountId;
  readonly numberId: NumberId;
};
export type NumberCommand = ReceiveNumber | RenameNumber | WithdrawNumber;

export const numberAuthority: AuthorityOver<NumberCommand> = {
  ReceiveNumber: noKey,
  RenameNumber: { scope: 'numbers:write', account: 'own', platform: true },
  WithdrawNumber: operatorsOnly,
};
