import type { Refusal } from '@ringfence/domain/refusals';
import type { CommandPayload } from '@ringfence/commands/command-dispatcher';

/**
 * Why an account is set aside. `history`: it cannot be read, so there is no state and nothing of it can be decided. `timer`: what time has brought due makes
 * us fail; there is a state, and the account drains.
 */
export type QuarantineCause = 'history' | 'timer';

/** What is still decided in an account that drains: whatever ends something there. Money and keys that come, and calls that begin, wait for an operator. */
const endsSomething: Readonly<Record<CommandPayload['type'], boolean>> = {
  RecordCallProgress: true,
  HangUpCall: true,
  RevokeKey: true,
  SuspendAccount: true,
  EraseSubject: true,
  PlaceCall: false,
  OpenAccount: false,
  VerifyAccount: false,
  AddCredit: false,
  ResumeAccount: false,
  SetAccountLimits: false,
  ChangeTimeZone: false,
  IssueKey: false,
  RegisterSigningKey: false,
  RotateKey: false,
  ChangeKeyPolicy: false,
  TurnAwayCommand: false,
  PublishRateDeck: false,
  OpenNumberRange: false,
};

export function allowedWhileDraining(type: CommandPayload['type']): boolean {
  return endsSomething[type];
}

export function quarantined(cause: QuarantineCause): Refusal {
  return { code: 'account_quarantined', detail: details[cause] };
}

const details: Readonly<Record<QuarantineCause, string>> = {
  history:
    'The history of this account makes our software fail; nothing of it is decided until an operator has looked.',
  timer:
    'A timer of this account makes our software fail; nothing new begins in it until an operator has looked. Calls can be hung up, keys revoked, the account suspended.',
};
