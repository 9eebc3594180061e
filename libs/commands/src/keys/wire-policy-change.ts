import type { KeyPolicy, PolicyChange } from '@ringfence/domain/keys/key-policy';
import type { Upcaster } from '@ringfence/event-catalog/catalogue';
import { keyPolicyFields, noCaps } from '@ringfence/event-catalog/key-fields';
import { type Codec, objectOf } from '@ringfence/event-catalog/shape';
import { isRecord } from '@ringfence/event-catalog/shape-codec';
import { becomes, changeFromWire, to, type WireChange } from '../wire-change.js';

export type WirePolicyChange = WireChange<KeyPolicy>;

export const policyChangeCodec: Codec<WirePolicyChange> = objectOf<WirePolicyChange>({
  scopes: becomes(keyPolicyFields.scopes),
  callsPerSecond: becomes(keyPolicyFields.callsPerSecond),
  burstCalls: becomes(keyPolicyFields.burstCalls),
  linesMax: becomes(keyPolicyFields.linesMax),
  dailySpendMicrosMax: becomes(keyPolicyFields.dailySpendMicrosMax),
  destinationPrefixes: becomes(keyPolicyFields.destinationPrefixes),
  callerNumbers: becomes(keyPolicyFields.callerNumbers),
  sourceCidrs: becomes(keyPolicyFields.sourceCidrs),
  expiresAtMs: becomes(keyPolicyFields.expiresAtMs),
  onRevoke: becomes(keyPolicyFields.onRevoke),
  callsMax: becomes(keyPolicyFields.callsMax),
  minutesMax: becomes(keyPolicyFields.minutesMax),
  spendMicrosMax: becomes(keyPolicyFields.spendMicrosMax),
  project: becomes(keyPolicyFields.project),
  application: becomes(keyPolicyFields.application),
});

export function policyChangeToWire(change: PolicyChange): WirePolicyChange {
  return {
    scopes: to(change.scopes),
    callsPerSecond: to(change.callsPerSecond),
    burstCalls: to(change.burstCalls),
    linesMax: to(change.linesMax),
    dailySpendMicrosMax: to(change.dailySpendMicrosMax),
    destinationPrefixes: to(change.destinationPrefixes),
    callerNumbers: to(change.callerNumbers),
    sourceCidrs: to(change.sourceCidrs),
    expiresAtMs: to(change.expiresAtMs),
    onRevoke: to(change.onRevoke),
    callsMax: to(change.callsMax),
    minutesMax: to(change.minutesMax),
    spendMicrosMax: to(change.spendMicrosMax),
    project: to(change.project),
    application: to(change.application),
  };
}

export function policyChangeFromWire(wire: WirePolicyChange): PolicyChange {
  return changeFromWire(wire);
}

/**
 * Version 1 held the whole policy as the gateway knew it. It is read as a change of every field. Gateways are replaced
 * before deciders, so it only comes from records that waited in the topic or among the dead letters.
 */
export const withEveryField: Upcaster = ({ policy, policyHash: _, ...rest }) => {
  // A value that is no object stays invalid, and the reader refuses it.
  if (!isRecord(policy)) return { ...rest, change: null };
  return { ...rest, change: Object.fromEntries(Object.entries(policy).map(([name, value]) => [name, { to: value }])) };
};

/** Version 2 had no lifetime caps: they stay unchanged. */
export const withoutCapsNamed: Upcaster = ({ change, ...rest }) => ({
  ...rest,
  change: isRecord(change) ? { ...change, ...noCaps } : null,
});
