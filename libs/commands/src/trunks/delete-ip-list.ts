import { defineCommand } from '../command-definition.js';
import { ipListIds } from '../wire-fields.js';

export const deleteIpList = defineCommand<'DeleteIpList'>({
  name: 'delete_ip_list',
  version: 1,
  fields: ipListIds,
  allowedWhileDraining: false,
});
