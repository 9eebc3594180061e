import { Inject, Injectable } from '@nestjs/common';
import { SUBJECT_VAULT, type SubjectVault } from '@ringfence/ports/vault/subject-vault';
import type { KeyRow } from '@ringfence/read-models/keys/key-rows';
import { momentText } from '../edge/reading.js';
import { policyBody } from './policy-of.js';

/** Makes the bodies of keys: labels and caller numbers decrypted in one batch, no secrets. */
@Injectable()
export class KeyBodies {
  constructor(@Inject(SUBJECT_VAULT) private readonly vault: SubjectVault) {}

  async of(rows: readonly KeyRow[], nowMs: number): Promise<readonly object[]> {
    const asked = rows.flatMap(({ label, policy }) => [label, ...(policy.callerNumbers ?? [])]);
    const texts = [...(await this.vault.open(asked))];
    return rows.map((row) => {
      const label = texts.shift() ?? null;
      const { callerNumbers } = row.policy;
      const numbers = callerNumbers === null ? null : callerNumbers.map(() => texts.shift() ?? null);
      return keyBody(row, label, numbers, nowMs);
    });
  }
}

function keyBody(row: KeyRow, label: string | null, numbers: readonly (string | null)[] | null, nowMs: number): object {
  const erased = [
    ...(label === null ? ['label'] : []),
    ...(numbers?.includes(null) === true ? ['caller_numbers'] : []),
  ];
  return {
    id: row.keyId,
    account_id: row.accountId,
    mode: row.mode,
    parent_key_id: row.parentKeyId,
    label,
    ...credentialBody(row.credential),
    status: statusOf(row, nowMs),
    version: row.keyVersion,
    ...policyBody(row.policy, numbers),
    policy_hash: row.policyHash,
    overlap_until: momentText(row.overlapUntilMs),
    issued_by: { kind: row.issuedBy.kind, id: row.issuedBy.id },
    issued_at: momentText(row.issuedAtMs),
    rotated_at: momentText(row.rotatedAtMs),
    policy_changed_at: momentText(row.policyChangedAtMs),
    revoked_at: momentText(row.revokedAtMs ?? row.above.revokedAtMs),
    revocation_reason: row.revocationReason,
    erased,
  };
}

/** The status of a key: a child key ends when the first of its ancestors ends. */
function statusOf({ status, policy, above }: KeyRow, nowMs: number): 'active' | 'expired' | 'revoked' {
  if (status === 'revoked' || above.revokedAtMs !== null) return 'revoked';
  const ends = [policy.expiresAtMs, above.expiresAtMs];
  return ends.some((expiresAtMs) => expiresAtMs !== null && expiresAtMs <= nowMs) ? 'expired' : 'active';
}

function credentialBody(credential: KeyRow['credential']): object {
  return credential.kind === 'secret'
    ? { kind: 'secret', secret_hint: credential.secretHint, public_key: null }
    : { kind: 'signing', secret_hint: null, public_key: publicKeyJwk(credential.publicKey) };
}

/** A signing key's public half as a JSON Web Key (RFC 8037). */
export function publicKeyJwk(publicKey: string): object {
  return { kty: 'OKP', crv: 'Ed25519', x: publicKey };
}
