import { optional, personal } from '../command-field.js';
import type { PublicCommand } from '../public-command.js';
import {
  ipListAddresses,
  ipListAddressesSays,
  ipListName,
  ipListNamed,
  ipListNameSays,
  ofIpListWithWarnings,
} from './ip-list-fields.js';

/** Definition of the command; fields that are left out stay as they are. */
export const changeIpList = {
  name: 'change_ip_list',
  commandType: 'ChangeIpList',
  fields: {
    ...ipListNamed,
    name: personal(optional(ipListName, ipListNameSays)),
    addresses: personal(optional(ipListAddresses, `They replace all that the list has. ${ipListAddressesSays}`)),
  },
  example: { addresses: [{ address: '203.0.113.0/24' }] },
  answersSecret: false,
  route: { method: 'PATCH', path: '/sip/ip-acls/:ip_acl_id' },
  result: ofIpListWithWarnings,
} as const satisfies PublicCommand;
