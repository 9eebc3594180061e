import { commandDefinitions } from '@ringfence/commands/command-definitions';
import type { CommandType } from '@ringfence/commands/command-dispatcher';
import type { Refusal } from '@ringfence/domain/refusals';

/**
 * Reason of a quarantine. `history`: the history cannot be read, so there is no state and nothing can be decided.
 * `timer`: a due timer makes us fail; there is a state, and the account drains.
 */
export type QuarantineCause = 'history' | 'timer';

/**
 * Says whether the command is still decided in a draining account. Credit, new keys and new calls wait for an operator.
 */
export function allowedWhileDraining(type: CommandType): boolean {
  return commandDefinitions[type].allowedWhileDraining;
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
