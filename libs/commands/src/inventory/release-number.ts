import { releaseReasons } from '@ringfence/domain/inventory/inventory.events';
import { id, oneOf } from '@ringfence/event-catalog/shape';
import { inventoryStream } from '@ringfence/kernel/ids';
import { defineCommand } from '../command-definition.js';
import { accountFields } from '../wire-fields.js';

export const releaseNumber = defineCommand<'ReleaseNumber'>({
  name: 'release_number',
  version: 1,
  stream: inventoryStream,
  fields: { ...accountFields, numberId: id('vn'), reason: oneOf(releaseReasons) },
  allowedWhileDraining: true,
});
