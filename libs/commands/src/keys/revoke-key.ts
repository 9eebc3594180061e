import { revocationReasons } from '@ringfence/domain/keys/key.events';
import { revocationPolicies } from '@ringfence/domain/shared/values';
import { nullable, oneOf } from '@ringfence/event-catalog/shape';
import { defineCommand } from '../command-definition.js';
import { ofKey } from '../wire-fields.js';

export const revokeKey = defineCommand<'RevokeKey'>({
  name: 'revoke_key',
  version: 1,
  fields: { ...ofKey, reason: oneOf(revocationReasons), onRevoke: nullable(oneOf(revocationPolicies)) },
  allowedWhileDraining: true,
});
