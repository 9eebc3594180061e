import { accept, refuse, type Decision } from '@ringfence/kernel/decider';
import type { SetAccountLimits } from '../../accounts/account.commands.js';
import type { AccountLimitsSet } from '../../accounts/account.events.js';
import { accountLimitsFault, beyondApproved, type AccountLimits } from '../../limits/account-limits.js';
import type { Principal } from '../../shared/values.js';
import type { Refusal } from '../../refusals.js';
import type { AccountState } from './account-state.js';

/**
 * Sets limits. Limits set by an operator are thereby approved; the account's own keys stay within the last approved
 * ones.
 */
export function setAccountLimits(
  command: SetAccountLimits,
  { standing, modes }: Pick<AccountState, 'standing' | 'modes'>,
): Decision<AccountLimitsSet, Refusal> {
  const { accountId, mode, nowMs: setAtMs } = command;
  if (standing.status === 'unopened')
    return refuse({ code: 'account_unknown', detail: `There is no account ${accountId}.` });
  const before = modes[mode];
  const limits = changedLimits(before.limits, command);
  const fault = accountLimitsFault(limits);
  if (fault !== undefined) return refuse({ code: 'limits_invalid', detail: fault });
  const approved = isOperator(command.principal) ? limits : before.approved;
  const beyond = beyondApproved(limits, approved);
  if (beyond.length > 0) {
    const detail = `Beyond what an operator has approved for ${mode} calls: ${beyond.join(', ')}.`;
    return refuse({ code: 'limits_not_approved', detail });
  }
  return accept<AccountLimitsSet>({ type: 'AccountLimitsSet', accountId, mode, limits, approved, setAtMs });
}

function changedLimits(before: AccountLimits, command: SetAccountLimits): AccountLimits {
  const { callsPerSecond, burstCalls, linesMax, dailySpendMicrosMax, dailySpendUnlimited } = command;
  return {
    callsPerSecond: callsPerSecond ?? before.callsPerSecond,
    burstCalls: burstCalls ?? before.burstCalls,
    linesMax: linesMax ?? before.linesMax,
    dailySpendMicrosMax: dailySpendUnlimited ? null : (dailySpendMicrosMax ?? before.dailySpendMicrosMax),
  };
}

function isOperator(principal: Principal): boolean {
  return principal.kind === 'operator' || (principal.kind === 'key' && principal.home === 'platform');
}
