import { boolean, wholeNumber } from '../../field-rule.js';
import { optional, personal } from '../command-field.js';
import type { PublicCommand } from '../public-command.js';
import { ofSecretWithValue, secretName, secretNamed } from './secret-fields.js';

const overlapSecondsMax = 604_800;
export const secretOverlapSecondsDefault = 86_400;

export const changeWebhookSecret = {
  name: 'change_webhook_secret',
  commandType: 'ChangeWebhookSecret',
  fields: {
    ...secretNamed,
    name: personal(optional(secretName, 'Its new name.')),
    rotate: optional(boolean, 'Gives it a new value, which is in this answer and nowhere else.'),
    overlap_seconds: optional(
      wholeNumber(0, overlapSecondsMax),
      'With `rotate`: how long the previous value signs beside the new one. 0: not at all.',
      { default: secretOverlapSecondsDefault },
    ),
  },
  example: { rotate: true, overlap_seconds: 86_400 },
  answersSecret: true,
  route: { method: 'PATCH', path: '/secrets/:secret_id' },
  result: ofSecretWithValue,
} as const satisfies PublicCommand;
