import type { KeyId } from '@ringfence/kernel/ids';
import type { KeyEntry } from './key-entry.js';

/** Reason why a request is not admitted. `registry_stale` is the server's fault, the others are the caller's. */
export type AuthenticationRefusalCode =
  'missing' | 'malformed' | 'unknown' | 'expired' | 'revoked' | 'source_not_allowed' | 'registry_stale';
export type Authentication =
  | { readonly ok: true; readonly entry: KeyEntry }
  /** `keyId`: the key, if it was rejected although the secret was valid. */
  | { readonly ok: false; readonly code: AuthenticationRefusalCode; readonly keyId: KeyId | null };

/**
 * Says whether an answer needs a look at the log first: while the registry is not fresh, and for the refusals that
 * clients cannot distinguish. All of those take the same path, so that timing reveals no more than the answer: the
 * holder of a secret cannot find out whether it was once valid.
 */
export function needsLook(found: Authentication): boolean {
  return isStale(found) || (!found.ok && ['unknown', 'revoked', 'expired'].includes(found.code));
}

/** Says whether the registry may have missed a revocation. */
export function isStale(found: Authentication): boolean {
  return !found.ok && found.code === 'registry_stale';
}

export function rejected(code: AuthenticationRefusalCode, keyId: KeyId | null = null): Authentication {
  return { ok: false, code, keyId };
}
