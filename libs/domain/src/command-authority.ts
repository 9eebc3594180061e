import type { Scope } from './keys/scopes.js';
import type { DomainCommandType } from './command.js';

/**
 * How the wall between live and test stands around a command that an account's own key presents. Operators stand outside modes.
 * - `own`: what it makes or acts on is of the key's own mode.
 * - `test_below`: as `own`; a live key may also do it to test keys.
 * - `account`: it concerns both modes of the account, so only a live key may present it.
 */
export type ModeRule = 'own' | 'test_below' | 'account';

/** Who may present a command. */
export type Authorization = {
  /** What a key needs for it; null: no key may present it. */
  readonly scope: Scope | null;
  /** What holds for an account's own key; null: none may present it. */
  readonly account: ModeRule | null;
  /** Whether an operator's key may present it. */
  readonly platform: boolean;
};

const operatorsOnly: Authorization = { scope: 'accounts:admin', account: null, platform: true };
const accountAdmin: Authorization = { scope: 'accounts:admin', account: 'account', platform: true };
const keysWrite: Authorization = { scope: 'keys:write', account: 'own', platform: true };
const keysWriteBelow: Authorization = { ...keysWrite, account: 'test_below' };
const noKey: Authorization = { scope: null, account: null, platform: false };

export const commandAuthority: Readonly<Record<DomainCommandType, Authorization>> = {
  OpenAccount: operatorsOnly,
  VerifyAccount: operatorsOnly,
  AddCredit: operatorsOnly,
  SuspendAccount: accountAdmin,
  ResumeAccount: operatorsOnly,
  SetAccountLimits: accountAdmin,
  ChangeTimeZone: accountAdmin,
  EraseSubject: accountAdmin,
  IssueKey: keysWriteBelow,
  RegisterSigningKey: keysWriteBelow,
  RotateKey: keysWrite,
  ChangeKeyPolicy: keysWrite,
  RevokeKey: keysWriteBelow,
  PlaceCall: { scope: 'calls:write', account: 'own', platform: false },
  HangUpCall: { scope: 'calls:write', account: 'own', platform: true },
  RecordCallProgress: noKey,
  TurnAwayCommand: noKey,
  ActOnTime: noKey,
  OpenLog: noKey,
  PublishRateDeck: operatorsOnly,
  OpenNumberRange: operatorsOnly,
};
