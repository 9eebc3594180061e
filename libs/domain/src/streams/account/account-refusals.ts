import { type Decision, refuse } from '@ringfence/kernel/decider';
import type { EpochMs } from '@ringfence/kernel/units';
import type { CallRefusalKey } from '../../calls/refused-calls.js';
import type { DomainCommandType } from '../../command.js';
import type { Refusal } from '../../refusals.js';
import { incremented, refusalName } from '../../rejections/refusal-aggregation.js';
import { aggregationKey, type CommandRejection } from '../../rejections/rejected-commands.js';
import { recordRejection, rejectUnauthorized, rejectedCommandOf } from '../../rejections/report-rejection.js';
import type { TurnAwayCommand } from '../../rejections/rejection.commands.js';
import type { RejectionEvent } from '../../rejections/rejection.events.js';
import type { CommandMetadata } from '../../shared/values.js';
import type { AccountState } from './account-state.js';
import { withTimersSet } from './account-timers.js';

type Presented = CommandMetadata & { readonly type: DomainCommandType };

/**
 * The refusal of a command whose principal lacks the authority. It is recorded unless the account was never opened and
 * so has no stream.
 */
export function commandUnauthorized(
  command: Presented,
  { standing, rejections }: Pick<AccountState, 'standing' | 'rejections'>,
  refusal: Refusal,
): Extract<Decision<RejectionEvent, Refusal>, { accepted: false }> {
  return rejectUnauthorized(command, standing.status === 'unopened' ? null : rejections, refusal);
}

/** The decision on the report of a rejected command. */
export function reportRejection(
  command: TurnAwayCommand,
  { standing, rejections }: Pick<AccountState, 'standing' | 'rejections'>,
): Decision<RejectionEvent, Refusal> {
  return standing.status === 'unopened'
    ? refuse({ code: 'account_unknown', detail: 'There is no such account.' })
    : recordRejection(command, rejections);
}

/** The state after a command without authority, before its events are applied. */
export function afterUnauthorized(command: Presented, state: AccountState, refusal: Refusal): AccountState {
  const rejected = rejectedCommandOf(command, refusal);
  return rejected === undefined ? state : withRejectionCounted(state, rejected, command.nowMs);
}

/** The state with one more refused call counted. */
export function withRefusalCounted(
  state: AccountState,
  key: Pick<CallRefusalKey, 'keyId' | 'code'>,
  nowMs: EpochMs,
): AccountState {
  const refusals = incremented(state.refusals, key, 1, nowMs);
  return withTimersSet(state, { ...state, refusals }, [{ kind: 'refusals', name: refusalName(key) }]);
}

/** The state with more rejected commands counted. */
export function withRejectionCounted(
  state: AccountState,
  rejected: Pick<CommandRejection, 'presentedKeyId' | 'code' | 'count'>,
  nowMs: EpochMs,
): AccountState {
  const key = aggregationKey(state.rejections, rejected, nowMs);
  const rejections = incremented(state.rejections, key, rejected.count, nowMs);
  return withTimersSet(state, { ...state, rejections }, [{ kind: 'turned_away', name: refusalName(key) }]);
}
