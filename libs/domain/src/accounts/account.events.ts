import type { ZoneChange } from '../limits/account-days.js';
import type { AccountLimits } from '../limits/account-limits.js';
import type { SealedText, Mode } from '../shared/values.js';
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
  /** IANA zone of its day boundaries, until it is changed. */
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
export type AccountResumed = {
  readonly type: 'AccountResumed';
  readonly accountId: AccountId;
  /** What it was before it was suspended, and is again. */
  readonly status: 'unverified' | 'active';
  readonly resumedAtMs: EpochMs;
};
/** From here on they hold for each decision; calls that live are not cut. */
export type AccountLimitsSet = {
  readonly type: 'AccountLimitsSet';
  readonly accountId: AccountId;
  readonly mode: Mode;
  readonly limits: AccountLimits;
  /** The most that the account's own keys may set: what an operator has set last. */
  readonly approved: AccountLimits;
  readonly setAtMs: EpochMs;
};
/** From `fromMs` on, the end of the local day that it was decided on, the account has its days in another zone. */
export type AccountTimeZoneChanged = ZoneChange & {
  readonly type: 'AccountTimeZoneChanged';
  readonly accountId: AccountId;
  /** Version of the zone data by which the day boundaries were read. */
  readonly zoneData: string;
  readonly changedAtMs: EpochMs;
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

/** What changes the account's own standing, or nothing of its state. */
export type AccountLifeEvent =
  AccountOpened | AccountVerified | AccountSuspended | AccountResumed | CreditAdded | SubjectErased;
export type AccountEvent = AccountLifeEvent | AccountLimitsSet | AccountTimeZoneChanged;
