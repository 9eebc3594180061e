import { accept, type Decision, refuse } from '@ringfence/kernel/decider';
import type { IpListId } from '@ringfence/kernel/ids';
import type { Refusal } from '../refusals.js';
import type { Mode } from '../shared/values.js';
import type { ChangeIpList, CreateIpList, DeleteIpList } from './ip-list.commands.js';
import type { IpListEvent, IpListSettings } from './ip-list.events.js';
import { ipListAddressesMax, type IpLists, ipListsMax } from './ip-list.js';

type IpListDecision = Decision<IpListEvent, Refusal>;

/** @param mode of the key that issues the command */
export function createIpList({ ipListId, settings, nowMs }: CreateIpList, mode: Mode, lists: IpLists): IpListDecision {
  if (lists.has(ipListId)) return refuse({ code: 'ip_list_already_created', detail: `IP list ${ipListId} exists.` });
  if (lists.count((each) => each.mode === mode) >= ipListsMax)
    return refuse({
      code: 'ip_lists_exhausted',
      detail: `An account has at most ${ipListsMax} ${mode} IP lists: delete one that is no longer used.`,
    });
  const fault = settingsFault(settings);
  if (fault !== undefined) return refuse(fault);
  return accept<IpListEvent>({ type: 'IpListCreated', ipListId, mode, settings, createdAtMs: nowMs });
}

export function changeIpList({ ipListId, change, nowMs }: ChangeIpList, lists: IpLists): IpListDecision {
  const list = lists.get(ipListId);
  if (list === undefined) return refuse(unknownIpList(ipListId));
  if (Object.keys(change).length === 0)
    return refuse({ code: 'nothing_to_change', detail: 'A new name or new addresses are needed.' });
  const { mode, createdAtMs } = list;
  const settings = { ...list.settings, ...change };
  const fault = settingsFault(settings);
  if (fault !== undefined) return refuse(fault);
  return accept<IpListEvent>({ type: 'IpListChanged', ipListId, mode, settings, createdAtMs, changedAtMs: nowMs });
}

export function deleteIpList({ ipListId, nowMs }: DeleteIpList, lists: IpLists): IpListDecision {
  const list = lists.get(ipListId);
  if (list === undefined) return refuse(unknownIpList(ipListId));
  return accept<IpListEvent>({ type: 'IpListDeleted', ipListId, mode: list.mode, deletedAtMs: nowMs });
}

export function unknownIpList(ipListId: IpListId): Refusal {
  return { code: 'ip_list_unknown', detail: `There is no IP list ${ipListId}.` };
}

function settingsFault({ addresses }: IpListSettings): Refusal | undefined {
  if (addresses.length === 0 || addresses.length > ipListAddressesMax)
    return { code: 'ip_list_invalid', detail: `An IP list has 1 to ${ipListAddressesMax} addresses.` };
  if (new Set(addresses.map(({ address }) => address.subjectId)).size < addresses.length)
    return { code: 'ip_list_invalid', detail: 'An IP list has each of its addresses once.' };
  return undefined;
}
