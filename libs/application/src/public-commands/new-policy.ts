import type { KeyPolicy } from '@ringfence/domain/keys/key-policy';
import { type Scope, scopePresets } from '@ringfence/domain/keys/scopes';
import type { StreamId } from '@ringfence/kernel/ids';
import { epochMs, micros } from '@ringfence/kernel/units';
import type { BodyOf, policyFields } from '@ringfence/messaging/public-commands';
import { parseSourceCidr } from '../auth/source-ranges.js';
import type { SubjectVault } from '../personal-data/subject-vault.js';
import { FieldFault } from './draft.js';

export type PolicyBody = BodyOf<typeof policyFields>;

/** What a key has that was issued without saying so. */
const policyDefaults: Omit<KeyPolicy, 'scopes' | 'burstCalls'> = {
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
 * @throws FieldFault
 */
export async function policyFrom(
  body: PolicyBody,
  before: KeyPolicy | undefined,
  vault: SubjectVault,
  stream: StreamId,
): Promise<KeyPolicy> {
  const kept = before ?? { ...policyDefaults, burstCalls: body.calls_per_second ?? policyDefaults.callsPerSecond };
  const { daily_spend_micros_max: spend, caller_numbers: numbers, source_cidrs: cidrs } = body;
  const { expires_at: expiry, destination_prefixes: prefixes } = body;
  return {
    scopes: scopesFrom(body, before),
    callsPerSecond: body.calls_per_second ?? kept.callsPerSecond,
    burstCalls: body.burst_calls ?? kept.burstCalls,
    linesMax: body.lines_max ?? kept.linesMax,
    dailySpendMicrosMax: spend === undefined ? kept.dailySpendMicrosMax : spend === null ? null : micros(BigInt(spend)),
    destinationPrefixes: prefixes === undefined ? kept.destinationPrefixes : prefixes,
    callerNumbers:
      numbers === undefined
        ? kept.callerNumbers
        : numbers === null
          ? null
          : await Promise.all(numbers.map((number) => vault.seal(stream, number))),
    sourceCidrs: cidrs === undefined ? kept.sourceCidrs : checkedCidrs(cidrs),
    expiresAtMs: expiry === undefined ? kept.expiresAtMs : expiry === null ? null : epochMs(Date.parse(expiry)),
    onRevoke: body.on_revoke ?? kept.onRevoke,
    project: body.project ?? kept.project,
    application: body.application ?? kept.application,
  };
}

function scopesFrom({ preset, scopes }: PolicyBody, before: KeyPolicy | undefined): readonly Scope[] {
  const [byName, byList] = [preset ?? undefined, scopes ?? undefined];
  if (byName !== undefined && byList !== undefined) throw wrongScopes('give preset or scopes, not both');
  const chosen = byName === undefined ? (byList ?? before?.scopes) : scopePresets[byName];
  if (chosen === undefined) throw wrongScopes('give preset or scopes');
  return chosen;
}

function wrongScopes(detail: string): FieldFault {
  return new FieldFault(['scopes'], 'exclusive', detail);
}

function checkedCidrs(cidrs: readonly string[] | null): readonly string[] | null {
  const wrong = cidrs?.findIndex((cidr) => parseSourceCidr(cidr) === undefined) ?? -1;
  if (wrong === -1) return cidrs;
  throw new FieldFault(
    ['source_cidrs', String(wrong)],
    'cidr',
    'is a CIDR block such as 192.0.2.0/24 or 2001:db8::/32',
  );
}
