import type { Decision } from '@ringfence/kernel/decider';
import { rejectUnauthorized, turnedAwayFor } from '../../rejections/report-rejection.js';
import type { RejectionEvent } from '../../rejections/rejection.events.js';
import type { DomainCommandType } from '../../command.js';
import type { CommandMetadata } from '../../shared/values.js';
import type { Refusal } from '../../refusals.js';
import type { AccountState } from './account-state.js';
import { withTurnedAwayCounted } from './account-timers.js';

type Presented = CommandMetadata & { readonly type: DomainCommandType };

/** The refusal of a command whose principal lacks the authority. An account that was never opened has no log to record it in. */
export function turnedAway(
  command: Presented,
  { standing, turnedAway: sums }: Pick<AccountState, 'standing' | 'turnedAway'>,
  refusal: Refusal,
): Extract<Decision<RejectionEvent, Refusal>, { accepted: false }> {
  return rejectUnauthorized(command, standing.status === 'unopened' ? null : sums, refusal);
}

/** What such a refusal leaves in memory beside its trace. */
export function afterTurnedAway(command: Presented, state: AccountState, refusal: Refusal): AccountState {
  const turned = turnedAwayFor(command, refusal);
  return turned === undefined ? state : withTurnedAwayCounted(state, turned, command.nowMs);
}
