import type { IpListSettings } from '@ringfence/domain/trunks/ip-list.events';
import { objectOf } from '@ringfence/event-catalog/shape';
import { ipListFields } from '@ringfence/event-catalog/trunks';
import { defineCommand } from '../command-definition.js';
import { ipListIds } from '../wire-fields.js';

export const createIpList = defineCommand<'CreateIpList'>({
  name: 'create_ip_list',
  version: 1,
  fields: { ...ipListIds, settings: objectOf<IpListSettings>(ipListFields) },
  allowedWhileDraining: false,
});
