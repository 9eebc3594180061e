import type { PublicCommand } from '../public-command.js';
import { ofTrunk, trunkNamed } from './trunk-fields.js';

export const deleteSipTrunk = {
  name: 'delete_sip_trunk',
  commandType: 'DeleteSipTrunk',
  fields: trunkNamed,
  example: {},
  answersSecret: false,
  route: { method: 'DELETE', path: '/sip/trunks/:sip_trunk_id' },
  result: ofTrunk,
} as const satisfies PublicCommand;
