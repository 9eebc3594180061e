import { suspensionReasons } from '@ringfence/domain/accounts/account.events';
import { oneOf } from '@ringfence/event-catalog/shape';
import { defineCommand } from '../command-definition.js';
import { accountFields } from '../wire-fields.js';

export const suspendAccount = defineCommand<'SuspendAccount'>({
  name: 'suspend_account',
  version: 1,
  fields: { ...accountFields, reason: oneOf(suspensionReasons) },
  allowedWhileDraining: true,
});
