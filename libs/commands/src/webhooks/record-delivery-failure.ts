import { deliveryFailure } from '@ringfence/event-catalog/webhooks';
import { defineCommand } from '../command-definition.js';
import { accountFields } from '../wire-fields.js';

export const recordDeliveryFailure = defineCommand<'RecordDeliveryFailure'>({
  name: 'record_delivery_failure',
  version: 1,
  fields: { ...accountFields, ...deliveryFailure },
  allowedWhileDraining: true,
});
