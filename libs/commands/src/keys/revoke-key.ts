import { revocationReasons } from '@ringfence/domain/keys/key.events';
import { revocationPolicies } from '@ringfence/domain/shared/values';
import { nullable, oneOf } from '@ringfence/event-catalog/shape';
import { defineCommand } from '../command-definition.js';
import { keyFields } from '../wire-fields.js';

export const revokeKey = defineCommand<'RevokeKey'>({
  name: 'revoke_key',
  version: 1,
  fields: { ...keyFields, reason: oneOf(revocationReasons), onRevoke: nullable(oneOf(revocationPolicies)) },
  allowedWhileDraining: true,
});
