import { type KeyPolicy, noBounds, type PolicyChange } from '@ringfence/domain/keys/key-policy';
import { type Scope, scopePresets } from '@ringfence/domain/shared/scopes';
import { territoryPattern } from '@ringfence/domain/limits/numbering-plan';
import type { StreamId } from '@ringfence/kernel/ids';
import { epochMs, micros, type Micros } from '@ringfence/kernel/units';
import type { BodyOf } from '@ringfence/wire/commands/command-field';
import type { policyFields } from '@ringfence/wire/commands/keys/key-fields';
import { parseSourceCidr } from '@ringfence/auth/source-ranges';
import type { SubjectVault } from '@ringfence/ports/vault/subject-vault';
import { InvalidField } from '../command-request.js';
import { checkTerritory } from '../numbers/territory.js';

export type PolicyBody = BodyOf<typeof policyFields>;

/** The policy of a key whose request sets no bounds. */
const policyDefaults: Omit<KeyPolicy, 'scopes' | 'burstCalls'> = {
  callsPerSecond: 10,
  linesMax: 10,
  ...noBounds,
  onRevoke: 'hangup',
  project: 'default',
  application: 'default',
};

/**
 * The policy of a new key: the client's bounds, and defaults for the rest. Numbers are sealed for `stream`.
 * @param makers the policies of the account's key that issues it and of that key's ancestors, its own first; empty: an
 * operator's key issues it. A child key inherits bounds that its request omits from its parent, where those are tighter
 * than the defaults.
 * @throws InvalidField
 */
export async function newPolicy(
  body: PolicyBody,
  vault: SubjectVault,
  stream: StreamId,
  makers: readonly KeyPolicy[],
): Promise<KeyPolicy> {
  const { scopes, ...definedOf } = await policyChange(body, vault, stream);
  if (scopes === undefined) throw wrongScopes('give preset or scopes');
  const defaults = { ...policyDefaults, ...inherited(makers) };
  const burstCalls = leastOf(makers, 'burstCalls', definedOf.callsPerSecond ?? defaults.callsPerSecond);
  return { ...defaults, burstCalls, ...definedOf, scopes };
}

/** Combines bounds: the tightest of each; of lists the nearest, which lies within those above it. */
function inherited(makers: readonly KeyPolicy[]): Partial<KeyPolicy> {
  return {
    callsPerSecond: leastOf(makers, 'callsPerSecond', policyDefaults.callsPerSecond),
    linesMax: leastOf(makers, 'linesMax', policyDefaults.linesMax),
    dailySpendMicrosMax: leastNamed(makers, 'dailySpendMicrosMax'),
    destinationPrefixes: nearestNamed(makers, 'destinationPrefixes'),
    callerNumbers: nearestNamed(makers, 'callerNumbers'),
    sourceCidrs: nearestNamed(makers, 'sourceCidrs'),
    expiresAtMs: leastNamed(makers, 'expiresAtMs'),
    callsMax: leastNamed(makers, 'callsMax'),
    minutesMax: leastNamed(makers, 'minutesMax'),
    spendMicrosMax: leastNamed(makers, 'spendMicrosMax'),
  };
}

type Counted = 'callsPerSecond' | 'burstCalls' | 'linesMax';
function leastOf(makers: readonly KeyPolicy[], name: Counted, standard: number): number {
  return Math.min(standard, ...makers.map((policy) => policy[name]));
}

type Capped = 'dailySpendMicrosMax' | 'expiresAtMs' | 'callsMax' | 'minutesMax' | 'spendMicrosMax';
function leastNamed<Name extends Capped>(makers: readonly KeyPolicy[], name: Name): KeyPolicy[Name] | null {
  return makers
    .map((policy) => policy[name])
    .reduce<KeyPolicy[Name] | null>(
      (least, bound) => (least === null || (bound !== null && bound < least) ? bound : least),
      null,
    );
}

type Listed = 'destinationPrefixes' | 'callerNumbers' | 'sourceCidrs';
function nearestNamed<Name extends Listed>(makers: readonly KeyPolicy[], name: Name): KeyPolicy[Name] | null {
  return makers.find((policy) => policy[name] !== null)?.[name] ?? null;
}

/**
 * Builds a change of policy from the fields that the client sent. Omitted ones are left out: only the lane knows their
 * current values. Null removes a bound; for a bound that must have a value, it means the same as an omission. Numbers
 * are sealed for `stream`.
 * @throws InvalidField
 */
export async function policyChange(body: PolicyBody, vault: SubjectVault, stream: StreamId): Promise<PolicyChange> {
  const { caller_numbers: numbers, source_cidrs: cidrs } = body;
  const { expires_at: expiry, destination_prefixes: prefixes } = body;
  return definedOf({
    scopes: scopesIn(body),
    callsPerSecond: body.calls_per_second ?? undefined,
    burstCalls: body.burst_calls ?? undefined,
    linesMax: body.lines_max ?? undefined,
    dailySpendMicrosMax: amountIn(body.daily_spend_micros_max),
    destinationPrefixes: prefixes && checkedDestinations(prefixes),
    callerNumbers: numbers && (await Promise.all(numbers.map((number) => vault.seal(stream, number)))),
    sourceCidrs: cidrs && checkedCidrs(cidrs),
    expiresAtMs: typeof expiry === 'string' ? epochMs(Date.parse(expiry)) : expiry,
    onRevoke: body.on_revoke ?? undefined,
    callsMax: body.calls_max,
    minutesMax: body.minutes_max,
    spendMicrosMax: amountIn(body.spend_micros_max),
    project: body.project ?? undefined,
    application: body.application ?? undefined,
  });
}

function amountIn(text: string | null | undefined): Micros | null | undefined {
  return typeof text === 'string' ? micros(BigInt(text)) : text;
}

/** Drops undefined members, which would override others when spread. */
function definedOf(fields: { readonly [Name in keyof KeyPolicy]: KeyPolicy[Name] | undefined }): PolicyChange {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function scopesIn({ preset, scopes }: PolicyBody): readonly Scope[] | undefined {
  const [byName, byList] = [preset ?? undefined, scopes ?? undefined];
  if (byName !== undefined && byList !== undefined) throw wrongScopes('give preset or scopes, not both');
  return byName === undefined ? byList : scopePresets[byName];
}

function wrongScopes(detail: string): InvalidField {
  return new InvalidField(['scopes'], 'exclusive', detail);
}

function checkedDestinations(entries: readonly string[]): readonly string[] {
  for (const [at, entry] of entries.entries()) {
    if (territoryPattern.test(entry)) checkTerritory(entry, ['destination_prefixes', String(at)]);
  }
  return entries;
}

function checkedCidrs(cidrs: readonly string[]): readonly string[] {
  const wrong = cidrs.findIndex((cidr) => parseSourceCidr(cidr) === undefined);
  if (wrong === -1) return cidrs;
  throw new InvalidField(
    ['source_cidrs', String(wrong)],
    'cidr',
    'is a CIDR block such as 192.0.2.0/24 or 2001:db8::/32',
  );
}
