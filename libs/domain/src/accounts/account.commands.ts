import type { Calendar } from '../shared/calendar.js';
import type { AccountId, SubjectId } from '@ringfence/kernel/ids';
import type { Micros } from '@ringfence/kernel/units';
import type { Mode, SealedText, CommandMetadata } from '../shared/values.js';
import type { SuspensionReason } from './account.events.js';
import { accountAdmin, type AuthorityOver, operatorsOnly } from '../shared/authorization.js';

export type OpenAccount = CommandMetadata & {
  readonly type: 'OpenAccount';
  readonly accountId: AccountId;
  readonly name: SealedText;
  readonly currency: string;
  readonly region: string;
  readonly timeZone: string;
  /** The currencies that have a rate deck in force; the lane supplies them. */
  readonly pricedCurrencies: readonly string[];
  readonly calendar: Calendar;
  /** True if the platform's database and the calendar disagree on the zone, or the database lacks it. */
  readonly zoneDisputed: boolean;
};
type VerifyAccount = CommandMetadata & { readonly type: 'VerifyAccount'; readonly accountId: AccountId };
export type SuspendAccount = CommandMetadata & {
  readonly type: 'SuspendAccount';
  readonly accountId: AccountId;
  readonly reason: SuspensionReason;
};
/** Restores the standing that the account had before its suspension. */
type ResumeAccount = CommandMetadata & { readonly type: 'ResumeAccount'; readonly accountId: AccountId };
/** Changes the time zone, from the account's next local day on. */
export type ChangeTimeZone = CommandMetadata & {
  readonly type: 'ChangeTimeZone';
  readonly accountId: AccountId;
  readonly timeZone: string;
  readonly calendar: Calendar;
  /** The same flag as in OpenAccount. */
  readonly zoneDisputed: boolean;
};
/** Sets limits; a limit that is null keeps the value that it has at the decision. */
export type SetAccountLimits = CommandMetadata & {
  readonly type: 'SetAccountLimits';
  readonly accountId: AccountId;
  /** The mode whose calls the limits bound. */
  readonly mode: Mode;
  readonly callsPerSecond: number | null;
  readonly burstCalls: number | null;
  readonly linesMax: number | null;
  readonly dailySpendMicrosMax: Micros | null;
  /** Removes the limit on daily spend. */
  readonly dailySpendUnlimited: boolean;
};
type AddCredit = CommandMetadata & {
  readonly type: 'AddCredit';
  readonly accountId: AccountId;
  readonly mode: Mode;
  readonly amountMicros: Micros;
  readonly reference: SealedText | null;
};
export type EraseSubject = CommandMetadata & {
  readonly type: 'EraseSubject';
  readonly accountId: AccountId;
  /** null: the account has no such value, or no longer has it. The same command id still gets its first outcome. */
  readonly subjectId: SubjectId | null;
};

/** Commands decided by the account's standing. */
export type AccountLifeCommand =
  OpenAccount | VerifyAccount | SuspendAccount | ResumeAccount | AddCredit | EraseSubject;
export type AccountCommand = AccountLifeCommand | SetAccountLimits | ChangeTimeZone;

export const accountAuthority: AuthorityOver<AccountCommand> = {
  OpenAccount: operatorsOnly,
  VerifyAccount: operatorsOnly,
  AddCredit: operatorsOnly,
  SuspendAccount: accountAdmin,
  ResumeAccount: operatorsOnly,
  SetAccountLimits: accountAdmin,
  ChangeTimeZone: accountAdmin,
  EraseSubject: accountAdmin,
};
