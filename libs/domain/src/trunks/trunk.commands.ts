import type { AuthorityOver, Authorization } from '../shared/authorization.js';
import type { IpListCommand } from './ip-list.commands.js';
import type { SipTrunkCommand } from './sip-trunk.commands.js';

export type TrunkCommand = IpListCommand | SipTrunkCommand;

/** An account configures its own trunks and IP lists; an operator has no part in them. */
const trunksWrite: Authorization = { scope: 'trunks:write', account: 'own', platform: false };

export const trunkAuthority: AuthorityOver<TrunkCommand> = {
  CreateIpList: trunksWrite,
  ChangeIpList: trunksWrite,
  DeleteIpList: trunksWrite,
  CreateSipTrunk: trunksWrite,
  ChangeSipTrunk: trunksWrite,
  DeleteSipTrunk: trunksWrite,
};
