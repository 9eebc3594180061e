import type { PublicCommand } from '../public-command.js';
import { ipListNamed, ofIpList } from './ip-list-fields.js';

export const deleteIpList = {
  name: 'delete_ip_list',
  commandType: 'DeleteIpList',
  fields: ipListNamed,
  example: {},
  answersSecret: false,
  route: { method: 'DELETE', path: '/sip/ip-acls/:ip_acl_id' },
  result: ofIpList,
} as const satisfies PublicCommand;
