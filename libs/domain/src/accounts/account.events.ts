import type { SealedText, Mode } from '../platform/values.js';
import type { AccountId, SubjectId } from '@ringfence/kernel/ids';
import type { EpochMs, Micros } from '@ringfence/kernel/units';

export type AccountOpened = {
  readonly type: 'AccountOpened';
  readonly accountId: AccountId;
  readonly name: SealedText;
  /** ISO 4217. Never changes. */
  readonly currency: string;
  /** Where its data lives. Never changes. */
  readonly region: string;
  /** IANA zone of its day boundaries. Never changes. */
  readonly timeZone: string;
  readonly openedAtMs: EpochMs;
};
export type AccountVerified = {
  readonly type: 'AccountVerified';
  readonly accountId: AccountId;
  readonly verifiedAtMs: EpochMs;
};
export type AccountSuspended = {
  readonly type: 'AccountSuspended';
  readonly accountId: AccountId;
  readonly reason: SuspensionReason;
  readonly suspendedAtMs: EpochMs;
};
/** `requested`: by its owner; `fraud`, `unpaid`: by an operator; `quarantined`: the lane could not go on with it. */
export const suspensionReasons = ['requested', 'fraud', 'unpaid', 'quarantined'] as const;
export type SuspensionReason = (typeof suspensionReasons)[number];

export type CreditAdded = {
  readonly type: 'CreditAdded';
  readonly accountId: AccountId;
  /** The book it goes to. */
  readonly mode: Mode;
  readonly amountMicros: Micros;
  /** What the money came by: a payment's reference at the payment provider. */
  readonly reference: SealedText | null;
  readonly addedAtMs: EpochMs;
};
export type SubjectErased = {
  readonly type: 'SubjectErased';
  readonly accountId: AccountId;
  readonly subjectId: SubjectId;
  readonly erasedAtMs: EpochMs;
};

export type AccountEvent = AccountOpened | AccountVerified | AccountSuspended | CreditAdded | SubjectErased;
