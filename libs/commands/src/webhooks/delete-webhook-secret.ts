import { defineCommand } from '../command-definition.js';
import { webhookSecretFields } from '../wire-fields.js';

export const deleteWebhookSecret = defineCommand<'DeleteWebhookSecret'>({
  name: 'delete_webhook_secret',
  version: 1,
  fields: webhookSecretFields,
  allowedWhileDraining: false,
});
