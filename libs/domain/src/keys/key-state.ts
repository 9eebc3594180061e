import type { KeyId } from '@ringfence/kernel/ids';
import type { EpochMs } from '@ringfence/kernel/units';
import type { Mode, OnRevoke } from '../shared/values.js';
import type { KeyEvent, KeyIssued, SecretDigest, SigningKeyRegistered } from './key.events.js';
import type { KeyPolicy } from './key-policy.js';

/** Proof that a command comes from this key: a presented secret, or signatures. */
export type Credential =
  { readonly kind: 'secret'; readonly digest: SecretDigest } | { readonly kind: 'ed25519'; readonly publicKey: string };

type Known = {
  readonly keyId: KeyId;
  readonly mode: Mode;
  /** The parent of a child key; null: an ordinary key. Never changes. */
  readonly parentKeyId: KeyId | null;
  readonly policy: KeyPolicy;
  readonly policyHash: string;
  /** The number of changes, from 1. */
  readonly keyVersion: number;
  readonly credential: Credential;
};
export type ActiveKey = Known & {
  readonly status: 'active';
  /** null: no rotation is under way. */ readonly overlapUntilMs: EpochMs | null;
};
type RevokedKey = Known & {
  readonly status: 'revoked';
  readonly revokedAtMs: EpochMs;
  readonly onRevoke: OnRevoke;
};
export type KnownKey = ActiveKey | RevokedKey;
export type KeyState = { readonly status: 'unissued' } | ActiveKey | RevokedKey;

export const unissuedKey: KeyState = { status: 'unissued' };

export function evolveKey(state: KeyState, event: KeyEvent): KeyState {
  if (event.type === 'KeyIssued') return fresh(event, { kind: 'secret', digest: event.digest });
  if (event.type === 'SigningKeyRegistered') return fresh(event, { kind: 'ed25519', publicKey: event.publicKey });
  if (state.status === 'unissued') return state;
  switch (event.type) {
    case 'KeyRotated':
      if (state.status === 'revoked') return state;
      return {
        ...state,
        credential: { kind: 'secret', digest: event.digest },
        keyVersion: event.keyVersion,
        overlapUntilMs: event.overlapUntilMs,
      };
    case 'KeyPolicyChanged':
      return { ...state, policy: event.policy, policyHash: event.policyHash, keyVersion: event.keyVersion };
    case 'KeyOverlapEnded':
      return state.status === 'active' ? { ...state, overlapUntilMs: null } : state;
    case 'KeyRevoked': {
      const { keyId, mode, parentKeyId, policy, policyHash, credential } = state;
      const { keyVersion, revokedAtMs, onRevoke } = event;
      const known = { keyId, mode, parentKeyId, policy, policyHash, credential };
      return { status: 'revoked', ...known, keyVersion, revokedAtMs, onRevoke };
    }
  }
}

function fresh(
  { keyId, mode, parentKeyId, policy, policyHash }: KeyIssued | SigningKeyRegistered,
  credential: Credential,
): ActiveKey {
  const known = { keyId, mode, parentKeyId, policy, policyHash, credential };
  return { status: 'active', ...known, keyVersion: 1, overlapUntilMs: null };
}
