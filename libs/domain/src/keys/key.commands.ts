import type { AccountId, KeyId } from '@ringfence/kernel/ids';
import type { DurationMs } from '@ringfence/kernel/units';
import type { Mode, OnRevoke, SealedText, CommandMetadata } from '../shared/values.js';
import type { RevocationReason, SecretDigest } from './key.events.js';
import type { DestinationOrder } from '../limits/destination-order.js';
import type { KeyPolicy, PolicyChange } from './key-policy.js';
import { type AuthorityOver, type Authorization } from '../shared/authorization.js';

/** A command about a key. `accountId` null: an operator's key, in the stream `platform`. */
type OfKey = CommandMetadata & {
  readonly accountId: AccountId | null;
  readonly keyId: KeyId;
  /**
   * Order of destinations by present numbering plans and prices, from the lane. Without it `certainOrder` applies.
   */
  readonly destinationOrder?: DestinationOrder;
};

export type IssueKey = OfKey & {
  readonly type: 'IssueKey';
  readonly mode: Mode;
  readonly label: SealedText;
  readonly digest: SecretDigest;
  readonly secretHint: string;
  readonly policy: KeyPolicy;
  readonly policyHash: string;
};
export type RegisterSigningKey = OfKey & {
  readonly type: 'RegisterSigningKey';
  readonly mode: Mode;
  readonly label: SealedText;
  /** Ed25519: 32 bytes as base64url, the `x` of its JWK. */
  readonly publicKey: string;
  readonly policy: KeyPolicy;
  readonly policyHash: string;
};
/** Rotation of a key with a secret. */
export type RotateKey = OfKey & {
  readonly type: 'RotateKey';
  readonly digest: SecretDigest;
  readonly secretHint: string;
  /** Time for which the old secret stays valid, at most 30 days; never beyond the key's own expiry. */
  readonly overlapMs: DurationMs;
};
export type ChangeKeyPolicy = OfKey & {
  readonly type: 'ChangeKeyPolicy';
  /** Change of the policy that the key has at the decision, whatever policy the sender assumed. */
  readonly change: PolicyChange;
  /**
   * Returns the lower-case hex SHA-256 of a policy's canonical JSON. A function, because the new policy is known only
   * at the decision.
   */
  readonly policyHashOf: (policy: KeyPolicy) => string;
};
export type RevokeKey = OfKey & {
  readonly type: 'RevokeKey';
  readonly reason: RevocationReason;
  /** Overrides the policy's own; null: as the policy says. */
  readonly onRevoke: OnRevoke | null;
};

/** The parent of a new key, as the stream decides it; null: none. */
export type UnderParent = { readonly parentKeyId: KeyId | null };
/** Commands of the life cycle of one key. */
export type KeyLifeCommand =
  (IssueKey & UnderParent) | (RegisterSigningKey & UnderParent) | RotateKey | ChangeKeyPolicy | RevokeKey;

export type KeyCommand = IssueKey | RegisterSigningKey | RotateKey | ChangeKeyPolicy | RevokeKey;

const keysWrite: Authorization = { scope: 'keys:write', account: 'own', platform: true };
const keysWriteBelow: Authorization = { ...keysWrite, account: 'test_below' };

export const keyAuthority: AuthorityOver<KeyCommand> = {
  IssueKey: keysWriteBelow,
  RegisterSigningKey: keysWriteBelow,
  RotateKey: keysWrite,
  ChangeKeyPolicy: keysWrite,
  RevokeKey: keysWriteBelow,
};
