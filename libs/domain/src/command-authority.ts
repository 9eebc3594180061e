import type { Scope } from './keys/scopes.js';
import type { DomainCommandType } from './command.js';

/**
 * Who may present a command. `scope`: what a key needs for it; null: no key may. `account`: an account's own key may, if it has the scope;
 * `platform`: an operator's key may.
 */
export type Authorisation = { readonly scope: Scope | null; readonly account: boolean; readonly platform: boolean };

const operatorsOnly: Authorisation = { scope: 'accounts:admin', account: false, platform: true };
const accountAdmin: Authorisation = { scope: 'accounts:admin', account: true, platform: true };
const keysWrite: Authorisation = { scope: 'keys:write', account: true, platform: true };
const noKey: Authorisation = { scope: null, account: false, platform: false };

export const commandAuthority: Readonly<Record<DomainCommandType, Authorisation>> = {
  OpenAccount: operatorsOnly,
  VerifyAccount: operatorsOnly,
  AddCredit: operatorsOnly,
  SuspendAccount: accountAdmin,
  EraseSubject: accountAdmin,
  IssueKey: keysWrite,
  RegisterSigningKey: keysWrite,
  RotateKey: keysWrite,
  ChangeKeyPolicy: keysWrite,
  RevokeKey: keysWrite,
  PlaceCall: { scope: 'calls:write', account: true, platform: false },
  HangUpCall: { scope: 'calls:write', account: true, platform: true },
  RecordCallProgress: noKey,
  TurnAwayCommand: noKey,
  ActOnTime: noKey,
  OpenLog: noKey,
  PublishRateDeck: operatorsOnly,
};
