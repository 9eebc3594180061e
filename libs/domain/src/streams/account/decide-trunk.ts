import { type Decision, refuse } from '@ringfence/kernel/decider';
import type { Refusal } from '../../refusals.js';
import type { Mode } from '../../shared/values.js';
import { changeIpList, createIpList, deleteIpList } from '../../trunks/ip-list.decider.js';
import { changeTrunk, createTrunk, deleteTrunk, type TrunkSurroundings } from '../../trunks/sip-trunk.decider.js';
import { type SipTrunk, trunkUsingIpList } from '../../trunks/sip-trunk.js';
import type { TrunkCommand } from '../../trunks/trunk.commands.js';
import type { TrunkEvent } from '../../trunks/trunk.events.js';
import { creatorModeOf, noCreator } from './account-authorization.js';
import type { AccountState } from './account-state.js';
import { numberOn } from './decide-numbers.js';

type TrunkDecision = Decision<TrunkEvent, Refusal>;

/**
 * Decides a command about a trunk or an IP list of the account. A list that a trunk uses cannot be
 * deleted, nor a trunk that numbers are assigned to.
 */
export function decideTrunk(command: TrunkCommand, state: AccountState): TrunkDecision {
  const { standing, ipLists, sipTrunks, webhookSecrets, numbers } = state;
  if (standing.status === 'unopened') return refuse({ code: 'account_unknown', detail: 'There is no such account.' });
  const around: TrunkSurroundings = {
    secretMode: (secretId) => webhookSecrets.get(secretId)?.mode,
    ipListMode: (ipListId) => ipLists.get(ipListId)?.mode,
  };
  switch (command.type) {
    case 'CreateIpList':
      return created(command, state, (mode) => createIpList(command, mode, ipLists));
    case 'ChangeIpList':
      return changeIpList(command, ipLists);
    case 'DeleteIpList': {
      const trunk = trunkUsingIpList(sipTrunks, command.ipListId);
      return trunk === undefined ? deleteIpList(command, ipLists) : refuse(inUse(trunk));
    }
    case 'CreateSipTrunk':
      return created(command, state, (mode) => createTrunk(command, mode, sipTrunks, around));
    case 'ChangeSipTrunk':
      return changeTrunk(command, sipTrunks, around);
    case 'DeleteSipTrunk': {
      const number = numberOn({ kind: 'sip_trunk', trunkId: command.trunkId }, numbers);
      return number === undefined
        ? deleteTrunk(command, sipTrunks)
        : refuse({
            code: 'sip_trunk_in_use',
            detail: `Number ${number.numberId} is assigned to it: unassign it first.`,
          });
    }
  }
}

function created(
  { principal }: TrunkCommand,
  { keys }: AccountState,
  decide: (mode: Mode) => TrunkDecision,
): TrunkDecision {
  const mode = creatorModeOf(principal, keys);
  return mode === undefined ? refuse(noCreator) : decide(mode);
}

function inUse({ trunkId }: SipTrunk): Refusal {
  return {
    code: 'ip_list_in_use',
    detail: `Trunk ${trunkId} uses the IP list: give it another authentication before the list is deleted.`,
  };
}
