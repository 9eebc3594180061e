import { accept, refuse, type Decision } from '@ringfence/kernel/decider';
import type { NumberId } from '@ringfence/kernel/ids';
import type { Refusal } from '../refusals.js';
import type { ReceiveNumber, RenameNumber, WithdrawNumber } from './number.commands.js';
import type { NumberEvent } from './number.events.js';
import type { OwnNumber } from './own-number.js';

type NumbersView = {
  readonly standing: { readonly status: string };
  readonly numbers: { readonly get: (numberId: NumberId) => OwnNumber | undefined };
};
type NumberDecision = Decision<NumberEvent, Refusal>;

/**
 * Takes a number that the inventory has allocated. The refusal for an account that is not there is final, because the
 * inventory gives the number to another account on account of it.
 */
export function receiveNumber(command: ReceiveNumber, { standing, numbers }: NumbersView): NumberDecision {
  const { nowMs: receivedAtMs, principal, ...allocated } = command;
  if (principal.kind !== 'worker')
    return refuse({ code: 'presenter_not_allowed', detail: 'Only the platform itself hands over numbers.' });
  if (standing.status === 'unopened')
    return refuse({ code: 'number_undeliverable', detail: `There is no account ${command.accountId}.` });
  if (numbers.get(command.numberId) !== undefined)
    return refuse({ code: 'number_already_received', detail: 'The account has the number already.' });
  return accept<NumberEvent>({ ...allocated, type: 'NumberReceived', receivedAtMs });
}

export function renameNumber({ numberId, name, nowMs }: RenameNumber, { numbers }: NumbersView): NumberDecision {
  const own = numbers.get(numberId);
  if (own === undefined) return refuse(unknownNumber(numberId));
  return accept<NumberEvent>({ type: 'NumberRenamed', numberId, mode: own.mode, name, renamedAtMs: nowMs });
}

export function withdrawNumber(command: WithdrawNumber, { standing, numbers }: NumbersView): NumberDecision {
  const { accountId, numberId, nowMs } = command;
  if (standing.status === 'unopened')
    return refuse({ code: 'account_unknown', detail: `There is no account ${accountId}.` });
  const own = numbers.get(numberId);
  if (own === undefined) return refuse(unknownNumber(numberId));
  const { mode, assignedTo: unassignedFrom } = own;
  return accept<NumberEvent>({
    ...{ type: 'NumberWithdrawn', numberId, accountId, mode, unassignedFrom },
    withdrawnAtMs: nowMs,
  });
}

export function unknownNumber(numberId: NumberId): Refusal {
  return { code: 'number_unknown', detail: `The account has no number ${numberId}.` };
}
