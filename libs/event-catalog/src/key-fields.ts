import type { KeyPolicy } from '@ringfence/domain/keys/key-policy';
import { scopes } from '@ringfence/domain/shared/scopes';
import { revocationPolicies } from '@ringfence/domain/shared/values';
import type { JsonObject } from '@ringfence/kernel/json';
import type { Upcaster } from './catalogue.js';
import {
  type Codec,
  count,
  type FieldsOf,
  listOf,
  microsAmount,
  moment,
  nullable,
  objectOf,
  oneOf,
  sealedText,
  text,
} from './shape.js';
import { isRecord } from './shape-codec.js';

/** The fields of a key's policy, one by one. */
export const keyPolicyFields: FieldsOf<KeyPolicy> = {
  scopes: listOf(oneOf(scopes)),
  callsPerSecond: count,
  burstCalls: count,
  linesMax: count,
  dailySpendMicrosMax: nullable(microsAmount),
  destinationPrefixes: nullable(listOf(text('destination'))),
  callerNumbers: nullable(listOf(sealedText)),
  sourceCidrs: nullable(listOf(text('cidr'))),
  expiresAtMs: nullable(moment),
  onRevoke: oneOf(revocationPolicies),
  callsMax: nullable(count),
  minutesMax: nullable(count),
  spendMicrosMax: nullable(microsAmount),
  project: text('label'),
  application: text('label'),
};
/** Codec of a key's policy; `policyHash` is the hash of its canonical JSON. */
export const keyPolicyCodec: Codec<KeyPolicy> = objectOf(keyPolicyFields);

/** The lifetime caps of a policy, or of a change of one, that sets none. */
export const noCaps = { callsMax: null, minutesMax: null, spendMicrosMax: null } as const;
/** A policy from before there were lifetime caps; its hash stays that of the policy as it was written. */
export const withoutCaps: Upcaster = ({ policy, ...rest }) => ({
  ...rest,
  // Anything but an object stays invalid, and the reader rejects it.
  policy: isRecord(policy) ? { ...policy, ...noCaps } : null,
});
/**
 * The JSON of a policy, or of a change of one, in the form from before there were lifetime caps; undefined: it sets
 * one.
 */
export function beforeCaps(json: JsonObject): JsonObject | undefined {
  const { callsMax, minutesMax, spendMicrosMax, ...before } = json;
  return callsMax === null && minutesMax === null && spendMicrosMax === null ? before : undefined;
}
