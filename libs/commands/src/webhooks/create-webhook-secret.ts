import { sealedSecret, sealedText } from '@ringfence/event-catalog/shape';
import { defineCommand } from '../command-definition.js';
import { webhookSecretFields } from '../wire-fields.js';

export const createWebhookSecret = defineCommand<'CreateWebhookSecret'>({
  name: 'create_webhook_secret',
  version: 1,
  fields: { ...webhookSecretFields, name: sealedText, value: sealedSecret },
  allowedWhileDraining: false,
});
