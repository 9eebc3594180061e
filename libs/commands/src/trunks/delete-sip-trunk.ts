import { defineCommand } from '../command-definition.js';
import { sipTrunkIds } from '../wire-fields.js';

export const deleteSipTrunk = defineCommand<'DeleteSipTrunk'>({
  name: 'delete_sip_trunk',
  version: 1,
  fields: sipTrunkIds,
  allowedWhileDraining: false,
});
