import type { WebhookSecretId } from '@ringfence/kernel/ids';
import type { EpochMs } from '@ringfence/kernel/units';
import type { Map as ImmutableMap } from 'immutable';
import type { Mode, SealedSecret, SealedText } from '../shared/values.js';
import type { WebhookSecretEvent } from './webhook.events.js';

/** The most secrets that an account may have in one mode. */
export const webhookSecretsMax = 100;

export type WebhookSecret = {
  readonly secretId: WebhookSecretId;
  readonly mode: Mode;
  readonly name: SealedText;
  readonly value: SealedSecret;
  readonly createdAtMs: EpochMs;
  /** The last rotation and the end of its overlap; null: there was none. */
  readonly rotatedAtMs: EpochMs | null;
  readonly overlapUntilMs: EpochMs | null;
  /** The value before the last rotation; null: there was none. */
  readonly previousValue: SealedSecret | null;
};
/** The secrets of one account, of both modes. */
export type WebhookSecrets = ImmutableMap<WebhookSecretId, WebhookSecret>;

export function evolveSecrets(secrets: WebhookSecrets, event: WebhookSecretEvent): WebhookSecrets {
  const { secretId } = event;
  switch (event.type) {
    case 'WebhookSecretCreated': {
      const { mode, name, value, createdAtMs } = event;
      const unrotated = { rotatedAtMs: null, overlapUntilMs: null, previousValue: null };
      return secrets.set(secretId, { secretId, mode, name, value, createdAtMs, ...unrotated });
    }
    case 'WebhookSecretRenamed':
      return changed(secrets, secretId, { name: event.name });
    case 'WebhookSecretRotated': {
      const { name, value, rotatedAtMs, overlapUntilMs, previousValue } = event;
      return changed(secrets, secretId, { name, value, rotatedAtMs, overlapUntilMs, previousValue });
    }
    case 'WebhookSecretDeleted':
      return secrets.delete(secretId);
  }
}

/**
 * Values that sign a request at a moment, the current one first: of the secret that is named, else of the oldest one of
 * the mode. Empty: there is no secret.
 */
export function signingValues(
  secrets: WebhookSecrets,
  { mode, secretId }: { readonly mode: Mode; readonly secretId: WebhookSecretId | null },
  nowMs: EpochMs,
): readonly SealedSecret[] {
  const secret = secretId === null ? oldest(secrets, mode) : secrets.get(secretId);
  if (secret === undefined) return [];
  return valuesInForce({ ...secret, previous: secret.previousValue }, nowMs);
}

/** The values of a secret that sign at a moment: the previous one too, until the overlap of its rotation ends. */
export function valuesInForce(
  {
    value,
    previous,
    overlapUntilMs,
  }: { readonly value: SealedSecret; readonly previous: SealedSecret | null; readonly overlapUntilMs: EpochMs | null },
  nowMs: EpochMs,
): readonly SealedSecret[] {
  return previous !== null && nowMs < (overlapUntilMs ?? 0) ? [value, previous] : [value];
}

/** Ids begin with the moment at which they were made. */
function oldest(secrets: WebhookSecrets, mode: Mode): WebhookSecret | undefined {
  return secrets.filter((secret) => secret.mode === mode).minBy(({ secretId }) => secretId);
}

function changed(secrets: WebhookSecrets, secretId: WebhookSecretId, change: Partial<WebhookSecret>): WebhookSecrets {
  const secret = secrets.get(secretId);
  return secret === undefined ? secrets : secrets.set(secretId, { ...secret, ...change });
}
