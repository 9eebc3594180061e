import { accept, type Decision, refuse } from '@ringfence/kernel/decider';
import type { WebhookSecretId } from '@ringfence/kernel/ids';
import { addDuration, durationMs } from '@ringfence/kernel/units';
import type { Refusal } from '../refusals.js';
import type { Mode } from '../shared/values.js';
import type { ChangeWebhookSecret, CreateWebhookSecret, DeleteWebhookSecret } from './webhook.commands.js';
import type { WebhookEvent } from './webhook.events.js';
import { type WebhookSecrets, webhookSecretsMax } from './webhook-secret.js';

type SecretDecision = Decision<WebhookEvent, Refusal>;

/** Longest time for which two values of one secret may both sign. */
export const secretOverlapMsMax = durationMs(7 * 24 * 3_600_000);

/** @param mode of the key that issues the command */
export function createSecret(command: CreateWebhookSecret, mode: Mode, secrets: WebhookSecrets): SecretDecision {
  const { secretId, name, value, nowMs } = command;
  if (secrets.has(secretId))
    return refuse({ code: 'webhook_secret_already_created', detail: `Secret ${secretId} exists.` });
  if (secrets.count((each) => each.mode === mode) >= webhookSecretsMax)
    return refuse({
      code: 'webhook_secrets_exhausted',
      detail: `An account has at most ${webhookSecretsMax} ${mode} secrets: delete one that is no longer used.`,
    });
  return accept<WebhookEvent>({ type: 'WebhookSecretCreated', secretId, mode, name, createdAtMs: nowMs, value });
}

export function changeSecret(command: ChangeWebhookSecret, secrets: WebhookSecrets): SecretDecision {
  const { secretId, rotation, nowMs } = command;
  const secret = secrets.get(secretId);
  if (secret === undefined) return refuse(unknownSecret(secretId));
  const { mode, createdAtMs, value: previousValue, rotatedAtMs, overlapUntilMs } = secret;
  const of = { secretId, mode, name: command.name ?? secret.name, createdAtMs };
  if (rotation === null) {
    if (command.name === null)
      return refuse({ code: 'nothing_to_change', detail: 'A new name or a new value is needed.' });
    return accept<WebhookEvent>({
      type: 'WebhookSecretRenamed',
      ...of,
      rotatedAtMs,
      overlapUntilMs,
      renamedAtMs: nowMs,
    });
  }
  const { value, overlapMs } = rotation;
  if (overlapMs > secretOverlapMsMax)
    return refuse({
      code: 'overlap_too_long',
      detail: `The previous value may sign for at most ${secretOverlapMsMax} ms after a rotation.`,
    });
  return accept<WebhookEvent>({
    type: 'WebhookSecretRotated',
    ...of,
    value,
    previousValue,
    overlapUntilMs: addDuration(nowMs, overlapMs),
    rotatedAtMs: nowMs,
  });
}

export function deleteSecret({ secretId, nowMs }: DeleteWebhookSecret, secrets: WebhookSecrets): SecretDecision {
  const secret = secrets.get(secretId);
  if (secret === undefined) return refuse(unknownSecret(secretId));
  return accept<WebhookEvent>({ type: 'WebhookSecretDeleted', secretId, mode: secret.mode, deletedAtMs: nowMs });
}

export function unknownSecret(secretId: WebhookSecretId): Refusal {
  return { code: 'webhook_secret_unknown', detail: `There is no secret ${secretId}.` };
}
