import { Map as ImmutableMap } from 'immutable';
import type { WebhookSecretEvent } from '../../webhooks/webhook.events.js';
import { evolveSecrets, type WebhookSecrets } from '../../webhooks/webhook-secret.js';
import type { Stored } from './slice.js';

export type WebhooksShare = { readonly webhookSecrets: WebhookSecrets };

export const initial: WebhooksShare = { webhookSecrets: ImmutableMap() };

export function secretChanged({ webhookSecrets }: WebhooksShare, event: WebhookSecretEvent): WebhooksShare {
  return { webhookSecrets: evolveSecrets(webhookSecrets, event) };
}

export function restored({ webhook_secrets: secrets }: Pick<Stored, 'webhook_secrets'>): WebhooksShare {
  return { webhookSecrets: ImmutableMap(secrets.map((secret) => [secret.secretId, secret])) };
}
