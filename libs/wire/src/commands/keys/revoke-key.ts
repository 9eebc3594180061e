import { revocationReasons } from '@ringfence/domain/keys/key.events';
import { revocationPolicies } from '@ringfence/domain/shared/values';
import { choice } from '../../field-rule.js';
import { optional } from '../command-field.js';
import { ofKey } from '../command-result.js';
import type { PublicCommand } from '../public-command.js';
import { keyNamed } from './key-fields.js';

export const revokeKey = {
  name: 'revoke_key',
  commandType: 'RevokeKey',
  fields: {
    ...keyNamed,
    reason: optional(choice(revocationReasons), 'Why; `requested` unless given.'),
    on_revoke: optional(choice(revocationPolicies), 'Overrides what the policy says about its live calls.'),
  },
  example: { reason: 'leaked' },
  answersSecret: false,
  route: { method: 'POST', path: '/keys/:key_id/revoke' },
  result: ofKey,
} as const satisfies PublicCommand;
