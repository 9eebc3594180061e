import type { SecretDigest } from '@ringfence/domain/keys/key.events';
import type { KeyPolicy } from '@ringfence/domain/keys/key-policy';
import type { Mode } from '@ringfence/domain/shared/values';
import type { AccountId, KeyId } from '@ringfence/kernel/ids';
import type { EpochMs } from '@ringfence/kernel/units';

/** A bearer secret. */
type SecretCredential = {
  readonly kind: 'secret';
  readonly digest: SecretDigest;
  /** The secret before the last rotation, while it is still valid. */
  readonly previous: { readonly digest: SecretDigest; readonly untilMs: EpochMs } | null;
};
/** A key that signs commands on the topic; it has no secret that a request could present. */
type SigningCredential = { readonly kind: 'ed25519'; readonly publicKey: string };

/** A key as recorded in the log. */
export type KeyEntry = {
  readonly keyId: KeyId;
  /** null: an operator's key, in the stream `platform`. */
  readonly accountId: AccountId | null;
  readonly mode: Mode;
  /** The parent of a child key; null: an ordinary key. */
  readonly parentKeyId: KeyId | null;
  /** 1 when issued, one more with each rotation, change and revocation. */
  readonly keyVersion: number;
  readonly policy: KeyPolicy;
  readonly policyHash: string;
  readonly credential: SecretCredential | SigningCredential;
  readonly state: { readonly status: 'active' } | { readonly status: 'revoked'; readonly revokedAtMs: EpochMs };
};
