import type { AccountId, KeyId } from '@ringfence/kernel/ids';
import type { EpochMs } from '@ringfence/kernel/units';
import type { Mode, SealedText } from '../shared/values.js';
import type { KeyPolicy } from './key-policy.js';

/** Digest of a secret: HMAC-SHA-256 under the pepper `pepperId`, lower-case hex. */
export type SecretDigest = { readonly pepperId: string; readonly hmacSha256: string };

/** Reasons for a revocation. Codes and not text, because text could name a person. */
export const revocationReasons = ['requested', 'leaked', 'rotated', 'unused', 'fraud'] as const;
export type RevocationReason = (typeof revocationReasons)[number];

/** A key in the account's stream; an operator's key in the stream `platform` (`accountId` null). */
export type KeyIssued = {
  readonly type: 'KeyIssued';
  readonly keyId: KeyId;
  readonly accountId: AccountId | null;
  readonly mode: Mode;
  /** The parent of a child key, which bounds it and with which it ends; null: an ordinary key. */
  readonly parentKeyId: KeyId | null;
  readonly label: SealedText;
  readonly digest: SecretDigest;
  /** The secret's last four characters, by which people recognise a key. */
  readonly secretHint: string;
  readonly policy: KeyPolicy;
  /** Lower-case hex SHA-256 of the policy's canonical JSON. */
  readonly policyHash: string;
  readonly issuedAtMs: EpochMs;
};
/**
 * A key that signs commands on the topic and has no secret: the platform knows its public key, which never changes.
 * Stream and other members are as in KeyIssued.
 */
export type SigningKeyRegistered = {
  readonly type: 'SigningKeyRegistered';
  readonly keyId: KeyId;
  readonly accountId: AccountId | null;
  readonly mode: Mode;
  readonly parentKeyId: KeyId | null;
  readonly label: SealedText;
  /** Ed25519: 32 bytes as base64url, the `x` of its JWK. */
  readonly publicKey: string;
  readonly policy: KeyPolicy;
  readonly policyHash: string;
  readonly registeredAtMs: EpochMs;
};
/** The new secret works at once; the old one until `overlapUntilMs`, which is never later than the key's own expiry. */
type KeyRotated = {
  readonly type: 'KeyRotated';
  readonly keyId: KeyId;
  readonly digest: SecretDigest;
  readonly secretHint: string;
  readonly overlapUntilMs: EpochMs;
  /** Digest of the secret that stays valid for the overlap. */
  readonly previousDigest: SecretDigest;
  readonly keyVersion: number;
  readonly rotatedAtMs: EpochMs;
};
export type KeyPolicyChanged = {
  readonly type: 'KeyPolicyChanged';
  readonly keyId: KeyId;
  readonly policy: KeyPolicy;
  readonly policyHash: string;
  readonly keyVersion: number;
  readonly changedAtMs: EpochMs;
};
export type KeyRevoked = {
  readonly type: 'KeyRevoked';
  readonly keyId: KeyId;
  readonly reason: RevocationReason;
  readonly onRevoke: 'hangup' | 'drain';
  readonly keyVersion: number;
  readonly revokedAtMs: EpochMs;
};
/** The overlap of a rotation ended; the previous secret is no longer valid. */
type KeyOverlapEnded = { readonly type: 'KeyOverlapEnded'; readonly keyId: KeyId; readonly endedAtMs: EpochMs };

export type KeyEvent = KeyIssued | SigningKeyRegistered | KeyRotated | KeyPolicyChanged | KeyRevoked | KeyOverlapEnded;
