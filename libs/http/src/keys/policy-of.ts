import type { KeyPolicy } from '@ringfence/domain/keys/key-policy';
import type { SubjectVault } from '@ringfence/ports/vault/subject-vault';

/**
 * The policy of an event as answers show it, its numbers opened.
 * @throws Failure `vault_unavailable` (retryable)
 */
export async function openedPolicyBody(policy: KeyPolicy, vault: Pick<SubjectVault, 'open'>): Promise<object> {
  return policyBody(policy, policy.callerNumbers === null ? null : await vault.open(policy.callerNumbers));
}

/** The policy as answers show it. @param callerNumbers the opened numbers; null as an item: erased */
export function policyBody(policy: KeyPolicy, callerNumbers: readonly (string | null)[] | null): object {
  return {
    scopes: policy.scopes,
    calls_per_second: policy.callsPerSecond,
    burst_calls: policy.burstCalls,
    lines_max: policy.linesMax,
    daily_spend_micros_max: policy.dailySpendMicrosMax === null ? null : String(policy.dailySpendMicrosMax),
    destination_prefixes: policy.destinationPrefixes,
    caller_numbers: callerNumbers,
    source_cidrs: policy.sourceCidrs,
    expires_at: policy.expiresAtMs === null ? null : new Date(policy.expiresAtMs).toISOString(),
    on_revoke: policy.onRevoke,
    calls_max: policy.callsMax,
    minutes_max: policy.minutesMax,
    spend_micros_max: policy.spendMicrosMax === null ? null : String(policy.spendMicrosMax),
    project: policy.project,
    application: policy.application,
  };
}
