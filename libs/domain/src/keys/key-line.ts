import type { KeyId } from '@ringfence/kernel/ids';
import type { EpochMs } from '@ringfence/kernel/units';
import type { OnRevoke } from '../shared/values.js';
import type { KnownKey } from './key-state.js';
import type { Scope } from '../shared/scopes.js';

/** Generations of child keys below an ordinary key. */
export const keyDepthMax = 4;

/**
 * A key followed by its ancestors, nearest first: at most `keyDepthMax + 1` keys. Empty: the key is unknown.
 */
export type KeyLine<Key = KnownKey> = readonly Key[];

/** @param find looks up a key; an unknown ancestor ends the line early, which `ancestorEndedReason` detects */
export function keyLine<Key>(
  keyId: KeyId,
  find: (keyId: KeyId) => Key | undefined,
  parentOf: (key: Key) => KeyId | null,
): KeyLine<Key> {
  const line: Key[] = [];
  for (let next: KeyId | null = keyId; next !== null && line.length <= keyDepthMax;) {
    const key = find(next);
    if (key === undefined) break;
    line.push(key);
    next = parentOf(key);
  }
  return line;
}

export type KeyFault = {
  readonly code: 'key_unknown' | 'key_revoked' | 'key_expired' | 'scope_missing' | 'presenter_not_allowed';
  readonly detail: string;
};

/**
 * Returns why a key may not use `scope` at that moment; undefined: it may. Every key of the line must be in force and
 * have the scope, because what ends or narrows an ancestor ends or narrows the key.
 */
export function keyUnusableReason(line: KeyLine, scope: Scope, nowMs: EpochMs): KeyFault | undefined {
  const [own] = line;
  if (own === undefined) return { code: 'key_unknown', detail: 'There is no such key.' };
  if (own.status === 'revoked') return { code: 'key_revoked', detail: 'The key was revoked.' };
  if (isExpired(own, nowMs)) return { code: 'key_expired', detail: 'The key has expired.' };
  const ended = ancestorEndedReason(line, nowMs);
  if (ended !== undefined) return ended;
  if (!own.policy.scopes.includes(scope)) return { code: 'scope_missing', detail: `The key lacks the scope ${scope}.` };
  const above = line.slice(1);
  if (!above.every(({ policy }) => policy.scopes.includes(scope)))
    return { code: 'scope_missing', detail: `The key is a child of one that lacks the scope ${scope}.` };
  if (own.credential.kind === 'ed25519' && above.some(({ policy }) => policy.sourceCidrs !== null)) {
    const detail = 'The key is a child of one with source ranges; what a signing key signs comes from no address.';
    return { code: 'presenter_not_allowed', detail };
  }
  return undefined;
}

/**
 * Returns why a child key has ended with one of its ancestors; undefined: it has not. An unknown ancestor counts as
 * revoked.
 */
export function ancestorEndedReason(line: KeyLine, nowMs: EpochMs): KeyFault | undefined {
  const above = line.slice(1);
  if (line.at(-1)?.parentKeyId != null || above.some(({ status }) => status === 'revoked'))
    return { code: 'key_revoked', detail: 'The key ended with its parent, which was revoked.' };
  if (above.some((key) => isExpired(key, nowMs)))
    return { code: 'key_expired', detail: 'The key ended with its parent, which has expired.' };
  return undefined;
}

/** Returns the default effect of a revocation on live calls: the strictest policy of the line. */
export function strictestOf(line: KeyLine): OnRevoke {
  return line.some(hangsUp) ? 'hangup' : 'drain';
}

/**
 * The moment since which the live calls of the line's first key have to end, because it or an ancestor was revoked with
 * `hangup`; null: they need not.
 */
export function hangUpsDueSince(line: KeyLine): EpochMs | null {
  let isStrict = false;
  for (const key of line) {
    isStrict ||= hangsUp(key);
    if (key.status === 'revoked' && isStrict) return key.revokedAtMs;
  }
  return null;
}

/** Says whether the end of a key hangs up its live calls. A revocation can override the policy. */
export function hangsUp(key: KnownKey): boolean {
  return (key.status === 'revoked' ? key.onRevoke : key.policy.onRevoke) === 'hangup';
}

function isExpired({ policy: { expiresAtMs } }: KnownKey, nowMs: EpochMs): boolean {
  return expiresAtMs !== null && nowMs >= expiresAtMs;
}
