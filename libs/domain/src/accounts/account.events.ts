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
  /** Region of its data. Never changes. */
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
type AccountResumed = {
  readonly type: 'AccountResumed';
  readonly accountId: AccountId;
  /** The standing from before the suspension, which the account has again. */
  readonly status: 'unverified' | 'active';
  readonly resumedAtMs: EpochMs;
};
/** Limits that apply to each decision from now on; live calls are not cut. */
export type AccountLimitsSet = {
  readonly type: 'AccountLimitsSet';
  readonly accountId: AccountId;
  readonly mode: Mode;
  readonly limits: AccountLimits;
  /** The highest limits that the account's own keys may set: those last set by an operator. */
  readonly approved: AccountLimits;
  readonly setAtMs: EpochMs;
};
/**
 * A change of time zone: from `fromMs` on, the end of the local day of the decision, the account's days are those of
 * another zone.
 */
export type AccountTimeZoneChanged = ZoneChange & {
  readonly type: 'AccountTimeZoneChanged';
  readonly accountId: AccountId;
  /** Version of the zone data that the day boundaries were computed from. */
  readonly zoneData: string;
  readonly changedAtMs: EpochMs;
};
/** `requested`: by the owner; `fraud`, `unpaid`: by an operator; `quarantined`: the lane could not continue with it. */
export const suspensionReasons = ['requested', 'fraud', 'unpaid', 'quarantined'] as const;
export type SuspensionReason = (typeof suspensionReasons)[number];

export type CreditAdded = {
  readonly type: 'CreditAdded';
  readonly accountId: AccountId;
  /** The book that the credit is added to. */
  readonly mode: Mode;
  readonly amountMicros: Micros;
  /** Origin of the money: a payment's reference at the payment provider. */
  readonly reference: SealedText | null;
  readonly addedAtMs: EpochMs;
};
export type SubjectErased = {
  readonly type: 'SubjectErased';
  readonly accountId: AccountId;
  readonly subjectId: SubjectId;
  readonly erasedAtMs: EpochMs;
};

/** Events that change the account's standing, or none of its state. */
export type AccountLifeEvent =
  AccountOpened | AccountVerified | AccountSuspended | AccountResumed | CreditAdded | SubjectErased;
export type AccountEvent = AccountLifeEvent | AccountLimitsSet | AccountTimeZoneChanged;
