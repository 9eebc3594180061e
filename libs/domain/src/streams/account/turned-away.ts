import type { Decision } from '@ringfence/kernel/decider';
import { turnedAwayFor } from '../../rejections/report-rejection.js';
import { rejectionEvents } from '../../rejections/rejected-commands.js';
import type { DomainCommandType } from '../../command.js';
import type { CommandMetadata } from '../../shared/values.js';
import type { Refusal } from '../../refusals.js';
import type { AccountStreamEvent } from './account-evolve.js';
import type { AccountState } from './account-state.js';
import { withTurnedAwayCounted } from './account-timers.js';

type Presented = CommandMetadata & { readonly type: DomainCommandType };

/** A refusal for the presenter's want of authority: the log is told who presented what. An account that was never opened has nothing to tell it in. */
export function turnedAway(
  command: Presented,
  state: AccountState,
  refusal: Refusal,
): Extract<Decision<AccountStreamEvent, Refusal>, { accepted: false }> {
  const turned = state.standing.status === 'unopened' ? undefined : turnedAwayFor(command, refusal);
  return { accepted: false, refusal, trace: turned === undefined ? [] : rejectionEvents(state.turnedAway, turned) };
}

/** What such a refusal leaves in memory beside its trace. */
export function afterTurnedAway(command: Presented, state: AccountState, refusal: Refusal): AccountState {
  const turned = turnedAwayFor(command, refusal);
  return turned === undefined ? state : withTurnedAwayCounted(state, turned, command.nowMs);
}
