import { randomBytes } from 'node:crypto';
import { asSecret, type SealedSecret } from '@ringfence/domain/shared/values';
import { type AccountId, parseWebhookSecretId, type WebhookSecretId } from '@ringfence/kernel/ids';
import { invariant } from '@ringfence/kernel/invariant';
import type { SubjectVault } from '@ringfence/ports/vault/subject-vault';
import type { RequestSecret } from '../command-request.js';

/** 24 bytes: their base64 has no padding, in which libraries differ. */
const valueBytes = 24;

/**
 * A new value: `whsec_` and the base64 of 24 random bytes, the form of Standard Webhooks. It is in the answer to its
 * request alone, and sealed everywhere else.
 * @throws Failure `vault_unavailable` (retryable)
 */
export async function newSecretValue(
  vault: SubjectVault,
  accountId: AccountId,
): Promise<{ readonly secret: RequestSecret; readonly value: SealedSecret }> {
  const text = `whsec_${randomBytes(valueBytes).toString('base64')}`;
  return { secret: { text }, value: asSecret(await vault.seal(accountId, text)) };
}

export function secretIdIn(text: string): WebhookSecretId {
  const secretId = parseWebhookSecretId(text);
  invariant(secretId !== undefined, 'the fields of the body were checked');
  return secretId;
}
