import { refuse, type Decision } from '@ringfence/kernel/decider';
import type { AccountLifeCommand, EraseSubject, SuspendAccount } from '../../accounts/account.commands.js';
import { accountDecider } from '../../accounts/account.decider.js';
import type { Refusal } from '../../refusals.js';
import { remembers } from '../../shared/generations.js';
import { dueActionsMax } from '../../shared/values.js';
import type { AccountState } from './account-state.js';
import { hangUpsOf, withHangUps } from './hang-ups.js';
import type { AccountStreamEvent } from './slice.js';

type AccountDecision = Decision<AccountStreamEvent, Refusal>;

export function decideLife(command: AccountLifeCommand, { standing }: AccountState): AccountDecision {
  return accountDecider.decide(command, standing);
}

export function suspend(command: SuspendAccount, state: AccountState): AccountDecision {
  return withHangUps(decideLife(command, state), () =>
    hangUpsOf(state.keys.values(), state, 'account_suspended', command.nowMs, dueActionsMax),
  );
}

export function eraseSubject(command: EraseSubject, state: AccountState): AccountDecision {
  if (command.subjectId !== null && remembers(state.erased, command.subjectId))
    return refuse({ code: 'subject_unknown', detail: 'The value was erased before.' });
  if (command.subjectId !== null && state.numbersBySubject.has(command.subjectId))
    return refuse({
      code: 'subject_in_use',
      detail: 'The account has this number, and recognises it by this value: it can be erased once it is withdrawn.',
    });
  return decideLife(command, state);
}
