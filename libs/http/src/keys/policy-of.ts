import { parseSourceCidr } from '@ringfence/application/auth/source-ranges';
import type { SubjectVault } from '@ringfence/application/personal-data/subject-vault';
import type { KeyPolicy } from '@ringfence/domain/keys/key-policy';
import { type Scope, scopePresets } from '@ringfence/domain/keys/scopes';
import type { StreamId } from '@ringfence/kernel/ids';
import type { JsonObject } from '@ringfence/kernel/json';
import { micros } from '@ringfence/kernel/units';
import { momentOf } from '../edge/reading.js';
import { edgeProblem } from '../problem.js';
import type { PolicyFields } from './policy.dto.js';

/** What a key has that was issued without saying so. */
export const policyDefaults: Omit<KeyPolicy, 'scopes' | 'burstCalls'> = {
  callsPerSecond: 10,
  linesMax: 10,
  dailySpendMicrosMax: null,
  destinationPrefixes: null,
  callerNumbers: null,
  sourceCidrs: null,
  expiresAtMs: null,
  onRevoke: 'hangup',
  project: 'default',
  application: 'default',
};

/**
 * The policy of a new key, or an old one with what the client changed: a field that was left out stays, one that is null goes back to its
 * default. Numbers are sealed for `stream`.
 */
export async function policyFrom(
  fields: PolicyFields,
  before: KeyPolicy | undefined,
  vault: SubjectVault,
  stream: StreamId,
): Promise<KeyPolicy> {
  const given = <Name extends keyof PolicyFields>(name: Name): PolicyFields[Name] | undefined => fields[name];
  const kept = before ?? { ...policyDefaults, burstCalls: fields.calls_per_second ?? policyDefaults.callsPerSecond };
  const callsPerSecond = given('calls_per_second');
  const spend = given('daily_spend_micros_max');
  const numbers = given('caller_numbers');
  const cidrs = given('source_cidrs');
  const expiry = given('expires_at');
  const prefixes = given('destination_prefixes');
  return {
    scopes: scopesFrom(fields, before),
    callsPerSecond: callsPerSecond ?? kept.callsPerSecond,
    burstCalls: given('burst_calls') ?? kept.burstCalls,
    linesMax: given('lines_max') ?? kept.linesMax,
    dailySpendMicrosMax: spend === undefined ? kept.dailySpendMicrosMax : spend === null ? null : micros(BigInt(spend)),
    destinationPrefixes: prefixes === undefined ? kept.destinationPrefixes : prefixes,
    callerNumbers:
      numbers === undefined
        ? kept.callerNumbers
        : numbers === null
          ? null
          : await Promise.all(numbers.map((number) => vault.seal(stream, number))),
    sourceCidrs: cidrs === undefined ? kept.sourceCidrs : checkedCidrs(cidrs),
    expiresAtMs: expiry === undefined ? kept.expiresAtMs : expiry === null ? null : momentOf(expiry),
    onRevoke: given('on_revoke') ?? kept.onRevoke,
    project: given('project') ?? kept.project,
    application: given('application') ?? kept.application,
  };
}

function scopesFrom({ preset, scopes }: PolicyFields, before: KeyPolicy | undefined): readonly Scope[] {
  const [byName, byList] = [preset ?? undefined, scopes ?? undefined];
  if (byName !== undefined && byList !== undefined) throw wrongScopes('give preset or scopes, not both');
  const chosen = byName === undefined ? (byList ?? before?.scopes) : scopePresets[byName];
  if (chosen === undefined) throw wrongScopes('give preset or scopes');
  return chosen;
}

function wrongScopes(detail: string): Error {
  return edgeProblem('validation_failed', detail, {
    errors: [{ in: 'body', path: ['scopes'], rule: 'exclusive', detail }],
  });
}

function checkedCidrs(cidrs: readonly string[] | null): readonly string[] | null {
  const wrong = cidrs?.findIndex((cidr) => parseSourceCidr(cidr) === undefined) ?? -1;
  if (wrong === -1) return cidrs;
  const detail = 'is a CIDR block such as 192.0.2.0/24 or 2001:db8::/32';
  throw edgeProblem('validation_failed', `source_cidrs: each ${detail}`, {
    errors: [{ in: 'body', path: ['source_cidrs', String(wrong)], rule: 'cidr', detail }],
  });
}

/** What the client sent, for the fingerprint. */
export function sentFields(body: object): JsonObject {
  return JSON.parse(JSON.stringify(body)) as JsonObject; // came from JSON, and its fields were checked
}

/** The policy as answers show it. @param callerNumbers the opened numbers; null in it: erased */
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
    project: policy.project,
    application: policy.application,
  };
}
