import { ofKey } from '../command-result.js';
import type { PublicCommand } from '../public-command.js';
import { keyNamed, policyExample, policyFields } from './key-fields.js';

export const changeKeyPolicy = {
  name: 'change_key_policy',
  commandType: 'ChangeKeyPolicy',
  fields: { ...keyNamed, ...policyFields },
  example: policyExample,
  answersSecret: false,
  route: { method: 'PATCH', path: '/keys/:key_id/policy' },
  result: ofKey,
} as const satisfies PublicCommand;
