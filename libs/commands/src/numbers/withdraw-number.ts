import { id } from '@ringfence/event-catalog/shape';
import { defineCommand } from '../command-definition.js';
import { accountFields } from '../wire-fields.js';

export const withdrawNumber = defineCommand<'WithdrawNumber'>({
  name: 'withdraw_number',
  version: 1,
  fields: { ...accountFields, numberId: id('vn') },
  allowedWhileDraining: true,
});
