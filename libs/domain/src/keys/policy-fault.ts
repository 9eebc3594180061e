import type { EpochMs } from '@ringfence/kernel/units';
import { burstCallsMax, callsPerSecondMax, linesMaxMax } from '../limits/account-limits.js';
import { destinationPattern, destinationWords } from '../limits/numbering-plan.js';
import type { KeyPolicy } from './key-policy.js';
import { scopes } from '../shared/scopes.js';
import { isWholeWithin } from '../shared/whole-number.js';

export const policyListMax = 100;
/** The highest lifetime cap on calls and on minutes. */
export const capMax = 1_000_000_000;
export const labelPattern = /^[a-z0-9][a-z0-9._-]{0,62}$/;

/** The form only; the HTTP edge, which has an address parser, checks the rest. */
const cidrForm = /^[0-9a-fA-F:.]{2,45}\/\d{1,3}$/;

/** Describes what is wrong with a policy, in a sentence with the expectation; undefined: the policy is valid. */
export function policyFault(policy: KeyPolicy, nowMs: EpochMs): string | undefined {
  const {
    callsPerSecond,
    burstCalls,
    linesMax,
    dailySpendMicrosMax,
    destinationPrefixes,
    callerNumbers,
    sourceCidrs,
    expiresAtMs,
    callsMax,
    minutesMax,
    spendMicrosMax,
  } = policy;
  if (policy.scopes.length === 0 || new Set(policy.scopes).size !== policy.scopes.length)
    return 'scopes: at least one, each once';
  if (!policy.scopes.every((scope) => scopes.includes(scope))) return `scopes: each is one of ${scopes.join(', ')}`;
  if (!isWholeWithin(callsPerSecond, 1, callsPerSecondMax))
    return `calls per second: a whole number from 1 to ${callsPerSecondMax}`;
  if (!isWholeWithin(burstCalls, 1, burstCallsMax)) return `burst: a whole number from 1 to ${burstCallsMax}`;
  if (!isWholeWithin(linesMax, 0, linesMaxMax)) return `lines: a whole number from 0 to ${linesMaxMax}`;
  if (dailySpendMicrosMax !== null && dailySpendMicrosMax < 0n) return 'daily spend: zero or more';
  if ((destinationPrefixes?.length ?? 0) > policyListMax) return `destinations: at most ${policyListMax}`;
  if (destinationPrefixes?.every((entry) => destinationPattern.test(entry)) === false)
    return `destinations: each ${destinationWords}`;
  if ((callerNumbers?.length ?? 0) > policyListMax) return `caller numbers: at most ${policyListMax}`;
  if ((sourceCidrs?.length ?? 0) > policyListMax) return `source ranges: at most ${policyListMax} CIDR blocks`;
  if (sourceCidrs?.every((range) => cidrForm.test(range)) === false)
    return 'source ranges: CIDR blocks such as 192.0.2.0/24 or 2001:db8::/32';
  if (expiresAtMs !== null && expiresAtMs <= nowMs) return 'expiry: a moment to come';
  if (callsMax !== null && !isWholeWithin(callsMax, 0, capMax))
    return `calls in its life: a whole number from 0 to ${capMax}`;
  if (minutesMax !== null && !isWholeWithin(minutesMax, 0, capMax))
    return `minutes in its life: a whole number from 0 to ${capMax}`;
  if (spendMicrosMax !== null && spendMicrosMax < 0n) return 'spend in its life: zero or more';
  if (!labelPattern.test(policy.project)) return 'project: lower-case letters, digits, . _ -, at most 63';
  if (!labelPattern.test(policy.application)) return 'application: lower-case letters, digits, . _ -, at most 63';
  return undefined;
}
