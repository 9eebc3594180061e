import type { Scope } from '@ringfence/domain/shared/scopes';
import { canonicalJson } from '@ringfence/event-catalog/canonical-json';
import type { Upcaster } from '@ringfence/event-catalog/catalogue';
import { beforeCaps, withoutCaps } from '@ringfence/event-catalog/key-fields';
import { isRecord } from '@ringfence/event-catalog/shape-codec';
import type { JsonObject, JsonValue } from '@ringfence/kernel/json';
import { hash } from 'node:crypto';
import type { Downcaster } from '../command-definition.js';

/** Scopes that the previous release does not know. */
const newScopes: ReadonlySet<unknown> = new Set([
  'apps:write',
  'apps:read',
  'trunks:write',
  'trunks:read',
  'calls:receive',
] satisfies Scope[]);

/** Converts a policy without lifetime caps and new scopes to the previous version, with the hash of that form. */
export const policyBeforeCaps: Downcaster = ({ policy, ...rest }) => {
  const before = isRecord(policy) && !hasNewScope(policy['scopes']) ? beforeCaps(policy) : undefined;
  return before === undefined ? undefined : hashed({ ...rest, policy: before });
};

/** Replaces the hash by that of the policy in the form that the key’s event will have. */
export const policyWithoutCaps: Upcaster = (data) => hashed(withoutCaps(data));

export const changeBeforeCaps: Downcaster = ({ change, ...rest }) => {
  if (!isRecord(change)) return undefined;
  const { scopes } = change;
  const before = isRecord(scopes) && hasNewScope(scopes['to']) ? undefined : beforeCaps(change);
  return before === undefined ? undefined : { ...rest, change: before };
};

function hasNewScope(scopes: unknown): boolean {
  return Array.isArray(scopes) && scopes.some((scope) => newScopes.has(scope));
}

function hashed(data: JsonObject): JsonObject {
  const policy: JsonValue = data['policy'] ?? null;
  return { ...data, policyHash: hash('sha256', canonicalJson(policy), 'hex') };
}
