import { canonicalJson } from '@ringfence/event-catalog/canonical-json';
import type { Upcaster } from '@ringfence/event-catalog/catalogue';
import { beforeCaps, withoutCaps } from '@ringfence/event-catalog/key-fields';
import { isRecord } from '@ringfence/event-catalog/shape-codec';
import type { JsonObject, JsonValue } from '@ringfence/kernel/json';
import { hash } from 'node:crypto';
import type { Downcaster } from '../command-definition.js';

/** Converts a policy without lifetime caps to the previous version, with the hash of that form. */
export const policyBeforeCaps: Downcaster = ({ policy, ...rest }) => {
  const before = isRecord(policy) ? beforeCaps(policy) : undefined;
  return before === undefined ? undefined : hashed({ ...rest, policy: before });
};

/** Replaces the hash by that of the policy in the form that the key’s event will have. */
export const policyWithoutCaps: Upcaster = (data) => hashed(withoutCaps(data));

export const changeBeforeCaps: Downcaster = ({ change, ...rest }) => {
  const before = isRecord(change) ? beforeCaps(change) : undefined;
  return before === undefined ? undefined : { ...rest, change: before };
};

function hashed(data: JsonObject): JsonObject {
  const policy: JsonValue = data['policy'] ?? null;
  return { ...data, policyHash: hash('sha256', canonicalJson(policy), 'hex') };
}
