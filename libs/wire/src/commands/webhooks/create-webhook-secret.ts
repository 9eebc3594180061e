import type { PublicCommand } from '../public-command.js';
import { ofSecretWithValue, secretName } from './secret-fields.js';
import { personal, required } from '../command-field.js';

export const createWebhookSecret = {
  name: 'create_webhook_secret',
  commandType: 'CreateWebhookSecret',
  fields: { name: personal(required(secretName, 'What people call it.', { example: 'Orders' })) },
  example: { name: 'Orders' },
  answersSecret: true,
  route: { method: 'POST', path: '/secrets' },
  result: ofSecretWithValue,
} as const satisfies PublicCommand;
