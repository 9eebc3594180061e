import type { SecretRotation } from '@ringfence/domain/webhooks/webhook.commands';
import { duration, nullable, objectOf, sealedSecret, sealedText } from '@ringfence/event-catalog/shape';
import { defineCommand } from '../command-definition.js';
import { webhookSecretFields } from '../wire-fields.js';

export const changeWebhookSecret = defineCommand<'ChangeWebhookSecret'>({
  name: 'change_webhook_secret',
  version: 1,
  fields: {
    ...webhookSecretFields,
    name: nullable(sealedText),
    rotation: nullable(objectOf<SecretRotation>({ value: sealedSecret, overlapMs: duration })),
  },
  allowedWhileDraining: false,
});
