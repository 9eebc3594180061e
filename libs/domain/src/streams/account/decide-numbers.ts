import { type Decision, refuse } from '@ringfence/kernel/decider';
import type { AssignNumbers, NumberCommand, UnassignNumbers } from '../../numbers/number.commands.js';
import { receiveNumber, renameNumber, withdrawNumber } from '../../numbers/number.decider.js';
import type { OwnNumber } from '../../numbers/own-number.js';
import type { NumberEvent, NumberTarget } from '../../numbers/number.events.js';
import { assignNumbers, isSameTarget, unassignNumbers } from '../../numbers/number-assignment.js';
import type { Refusal } from '../../refusals.js';
import { creatorModeOf } from './account-authorization.js';
import type { AccountState } from './account-state.js';

export { simulateInboundCall } from './simulate-inbound-call.js';

type NumberDecision = Decision<NumberEvent, Refusal>;

export function decideNumber(command: NumberCommand, state: AccountState): NumberDecision {
  switch (command.type) {
    case 'ReceiveNumber':
      return receiveNumber(command, state);
    case 'RenameNumber':
      return renameNumber(command, state);
    case 'AssignNumbers':
    case 'UnassignNumbers':
      return decideAssignment(command, state);
    case 'WithdrawNumber':
      return withdrawNumber(command, state);
  }
}

/** A number that is assigned to the target; undefined: none is. */
export function numberOn(target: NumberTarget, numbers: AccountState['numbers']): OwnNumber | undefined {
  return numbers.find(({ assignedTo }) => isSameTarget(assignedTo, target));
}

/** Decides which app or trunk of the account its numbers are assigned to, in the mode of the key alone. */
function decideAssignment(
  command: AssignNumbers | UnassignNumbers,
  { standing, keys, numbers, voiceApps, sipTrunks }: AccountState,
): NumberDecision {
  if (standing.status === 'unopened') return refuse({ code: 'account_unknown', detail: 'There is no such account.' });
  const mode = creatorModeOf(command.principal, keys);
  if (mode === undefined)
    return refuse({ code: 'presenter_not_allowed', detail: 'Numbers are assigned with a key of the account itself.' });
  if (command.type === 'UnassignNumbers') return unassignNumbers(command, mode, numbers);
  const targetMode = (target: NumberTarget) =>
    (target.kind === 'voice_app' ? voiceApps.get(target.appId) : sipTrunks.get(target.trunkId))?.mode;
  return assignNumbers(command, mode, { numbers, targetMode });
}
