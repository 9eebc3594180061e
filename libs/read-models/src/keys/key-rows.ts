import type { KeyPolicy } from '@ringfence/domain/keys/key-policy';
import type { RevocationReason, SecretDigest } from '@ringfence/domain/keys/key.events';
import type { Actor, Mode, SealedText } from '@ringfence/domain/shared/values';
import type { AccountId, KeyId, SubjectId } from '@ringfence/kernel/ids';
import { type EpochMs, epochMs, type Position, position } from '@ringfence/kernel/units';
import { policyOf } from './policy-text.js';

/** A key as answers show it: it contains no secret and no digest. */
export type KeyRow = {
  readonly keyId: KeyId;
  /** Position of its first event; also the cursor of lists. */
  readonly issuedPosition: Position;
  /** null: an operator's key. */
  readonly accountId: AccountId | null;
  readonly mode: Mode;
  /** The key whose child it is; null: it is no child key. */
  readonly parentKeyId: KeyId | null;
  readonly label: SealedText;
  /** The last four characters of a secret, or the public key that verifies a signing key's signatures. */
  readonly credential:
    { readonly kind: 'secret'; readonly secretHint: string } | { readonly kind: 'ed25519'; readonly publicKey: string };
  readonly keyVersion: number;
  readonly policy: KeyPolicy;
  readonly policyHash: string;
  readonly status: 'active' | 'revoked';
  /** End of validity of the previous secret; null: no rotation is under way. */
  readonly overlapUntilMs: EpochMs | null;
  readonly issuedBy: Pick<Actor, 'kind' | 'id'>;
  readonly issuedAtMs: EpochMs;
  readonly rotatedAtMs: EpochMs | null;
  readonly policyChangedAtMs: EpochMs | null;
  readonly revokedAtMs: EpochMs | null;
  readonly revocationReason: RevocationReason | null;
  /** Effects of its ancestors: the earliest of their revocations and of their expiries; null: there is none. */
  readonly above: Above;
};
export type Above = { readonly revokedAtMs: EpochMs | null; readonly expiresAtMs: EpochMs | null };
export const nobodyAbove: Above = { revokedAtMs: null, expiresAtMs: null };

/** The entry of a key in a gateway's KeyRegistry. */
export type RegistryRow = {
  readonly keyId: KeyId;
  readonly accountId: AccountId | null;
  readonly mode: Mode;
  readonly parentKeyId: KeyId | null;
  readonly keyVersion: number;
  readonly policy: KeyPolicy;
  readonly policyHash: string;
  readonly credential:
    | {
        readonly kind: 'secret';
        readonly digest: SecretDigest;
        readonly previous: { readonly digest: SecretDigest; readonly untilMs: EpochMs } | null;
      }
    | { readonly kind: 'ed25519'; readonly publicKey: string };
  readonly state: { readonly status: 'active' } | { readonly status: 'revoked'; readonly revokedAtMs: EpochMs };
};

/** The row as the table has it. */
export type KeyRecord = CredentialRecord & {
  readonly key_id: KeyId;
  readonly issued_position: string;
  readonly account_id: AccountId | null;
  readonly mode: Mode;
  readonly parent_key_id: KeyId | null;
  readonly label_subject: SubjectId;
  readonly label_ciphertext: string;
  readonly previous_pepper_id: string | null;
  readonly previous_hmac_sha256: string | null;
  readonly previous_until_ms: string | null;
  readonly key_version: number;
  readonly policy: string;
  readonly policy_hash: string;
  readonly issued_by_kind: Actor['kind'];
  readonly issued_by_id: string;
  readonly issued_at_ms: string;
  readonly rotated_at_ms: string | null;
  readonly policy_changed_at_ms: string | null;
  readonly revoked_at_ms: string | null;
  readonly revocation_reason: RevocationReason | null;
};

type CredentialRecord =
  | {
      readonly public_key: null;
      readonly pepper_id: string;
      readonly hmac_sha256: string;
      readonly secret_hint: string;
    }
  | { readonly public_key: string; readonly pepper_id: null; readonly hmac_sha256: null; readonly secret_hint: null };

export function keyRow(record: KeyRecord, above: Above): KeyRow {
  return {
    keyId: record.key_id,
    issuedPosition: position(Number(record.issued_position)),
    accountId: record.account_id,
    mode: record.mode,
    parentKeyId: record.parent_key_id,
    label: { subjectId: record.label_subject, ciphertext: record.label_ciphertext },
    credential:
      record.public_key === null
        ? { kind: 'secret', secretHint: record.secret_hint }
        : { kind: 'ed25519', publicKey: record.public_key },
    keyVersion: record.key_version,
    policy: policyOf(record.policy),
    policyHash: record.policy_hash,
    status: record.revoked_at_ms === null ? 'active' : 'revoked',
    overlapUntilMs: moment(record.previous_until_ms),
    issuedBy: { kind: record.issued_by_kind, id: record.issued_by_id },
    issuedAtMs: epochMs(Number(record.issued_at_ms)),
    rotatedAtMs: moment(record.rotated_at_ms),
    policyChangedAtMs: moment(record.policy_changed_at_ms),
    revokedAtMs: moment(record.revoked_at_ms),
    revocationReason: record.revocation_reason,
    above,
  };
}

/** Columns of a row that a registry needs. */
export type RegistryRecord = Pick<
  KeyRecord,
  | 'key_id'
  | 'account_id'
  | 'mode'
  | 'parent_key_id'
  | 'previous_pepper_id'
  | 'previous_hmac_sha256'
  | 'previous_until_ms'
  | 'key_version'
  | 'policy'
  | 'policy_hash'
  | 'revoked_at_ms'
> &
  (
    | { readonly public_key: null; readonly pepper_id: string; readonly hmac_sha256: string }
    | { readonly public_key: string; readonly pepper_id: null; readonly hmac_sha256: null }
  );

/** The state of a key in force, one object for all: a gateway keeps an entry for every key. */
const active = { status: 'active' } as const;

export function registryRow(record: RegistryRecord): RegistryRow {
  const revokedAtMs = moment(record.revoked_at_ms);
  return {
    keyId: record.key_id,
    accountId: record.account_id,
    mode: record.mode,
    parentKeyId: record.parent_key_id,
    keyVersion: record.key_version,
    policy: policyOf(record.policy),
    policyHash: record.policy_hash,
    credential: credentialOf(record),
    state: revokedAtMs === null ? active : { status: 'revoked', revokedAtMs },
  };
}

function credentialOf(record: RegistryRecord): RegistryRow['credential'] {
  if (record.public_key !== null) return { kind: 'ed25519', publicKey: record.public_key };
  const untilMs = moment(record.previous_until_ms);
  const { previous_pepper_id: pepperId, previous_hmac_sha256: hmacSha256 } = record;
  return {
    kind: 'secret',
    digest: { pepperId: record.pepper_id, hmacSha256: record.hmac_sha256 },
    previous:
      untilMs === null || pepperId === null || hmacSha256 === null
        ? null
        : { digest: { pepperId, hmacSha256 }, untilMs },
  };
}

function moment(value: string | null): EpochMs | null {
  return value === null ? null : epochMs(Number(value));
}
