import { id, sealedText } from '@ringfence/event-catalog/shape';
import { defineCommand } from '../command-definition.js';
import { accountFields } from '../wire-fields.js';

export const renameNumber = defineCommand<'RenameNumber'>({
  name: 'rename_number',
  version: 1,
  fields: { ...accountFields, numberId: id('vn'), name: sealedText },
  allowedWhileDraining: false,
});
