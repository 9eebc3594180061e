import { personal, required } from '../command-field.js';
import type { PublicCommand } from '../public-command.js';
import {
  ipListAddresses,
  ipListAddressesSays,
  ipListExample,
  ipListName,
  ipListNameSays,
  ofIpListWithWarnings,
} from './ip-list-fields.js';

export const createIpList = {
  name: 'create_ip_list',
  commandType: 'CreateIpList',
  fields: {
    name: personal(required(ipListName, ipListNameSays, { example: ipListExample.name })),
    addresses: personal(required(ipListAddresses, ipListAddressesSays, { example: ipListExample.addresses })),
  },
  example: ipListExample,
  answersSecret: false,
  route: { method: 'POST', path: '/sip/ip-acls' },
  result: ofIpListWithWarnings,
} as const satisfies PublicCommand;
