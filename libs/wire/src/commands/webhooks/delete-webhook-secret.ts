import type { PublicCommand } from '../public-command.js';
import { ofSecret, secretNamed } from './secret-fields.js';

export const deleteWebhookSecret = {
  name: 'delete_webhook_secret',
  commandType: 'DeleteWebhookSecret',
  fields: secretNamed,
  example: {},
  answersSecret: false,
  route: { method: 'DELETE', path: '/secrets/:secret_id' },
  result: ofSecret,
} as const satisfies PublicCommand;
