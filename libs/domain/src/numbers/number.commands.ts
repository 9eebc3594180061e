import type { AccountId, NumberId } from '@ringfence/kernel/ids';
import { type AuthorityOver, noKey, operatorsOnly } from '../shared/authorization.js';
import type { CommandMetadata, SealedText } from '../shared/values.js';
import type { NumberTarget, ReceivedNumber } from './number.events.js';

/** Hands over a number that the inventory has allocated to the account. Sent by the platform alone. */
export type ReceiveNumber = CommandMetadata & ReceivedNumber & { readonly type: 'ReceiveNumber' };
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
/** The numbers that a command is about. */
export type NumberSelection =
  | { readonly kind: 'listed'; readonly numberIds: readonly NumberId[] }
  /** Every number of the mode of the key that meets both conditions, when the command is decided. */
  | {
      readonly kind: 'all';
      /** Numbers of one of these territories; null: of any, and of none. */
      readonly territories: readonly string[] | null;
      /** Numbers that are assigned to one of these; null: to any, and to none. */
      readonly assignedTo: readonly NumberTarget[] | null;
    };
/** Assigns numbers to an app or a trunk of the account; numbers that are assigned already move. */
export type AssignNumbers = CommandMetadata & {
  readonly type: 'AssignNumbers';
  readonly accountId: AccountId;
  readonly selection: NumberSelection;
  readonly target: NumberTarget;
};
export type UnassignNumbers = CommandMetadata & {
  readonly type: 'UnassignNumbers';
  readonly accountId: AccountId;
  readonly selection: NumberSelection;
};
export type NumberCommand = ReceiveNumber | RenameNumber | AssignNumbers | UnassignNumbers | WithdrawNumber;

export const numberAuthority: AuthorityOver<NumberCommand> = {
  ReceiveNumber: noKey,
  RenameNumber: { scope: 'numbers:write', account: 'own', platform: true },
  AssignNumbers: { scope: 'numbers:write', account: 'own', platform: false },
  UnassignNumbers: { scope: 'numbers:write', account: 'own', platform: false },
  WithdrawNumber: operatorsOnly,
};
