import { Map as ImmutableMap } from 'immutable';
import type { IpListEvent } from '../../trunks/ip-list.events.js';
import { evolveIpLists, type IpLists } from '../../trunks/ip-list.js';
import type { SipTrunkEvent } from '../../trunks/sip-trunk.events.js';
import { evolveSipTrunks, type SipTrunks } from '../../trunks/sip-trunk.js';
import type { Stored } from './slice.js';

export type TrunksShare = { readonly ipLists: IpLists; readonly sipTrunks: SipTrunks };

export const initial: TrunksShare = { ipLists: ImmutableMap(), sipTrunks: ImmutableMap() };

export function ipListChanged({ ipLists, sipTrunks }: TrunksShare, event: IpListEvent): TrunksShare {
  return { ipLists: evolveIpLists(ipLists, event), sipTrunks };
}

export function trunkChanged({ ipLists, sipTrunks }: TrunksShare, event: SipTrunkEvent): TrunksShare {
  return { ipLists, sipTrunks: evolveSipTrunks(sipTrunks, event) };
}

export function restored({
  ip_lists: lists,
  sip_trunks: trunks,
}: Pick<Stored, 'ip_lists' | 'sip_trunks'>): TrunksShare {
  return {
    ipLists: ImmutableMap(lists.map((list) => [list.ipListId, list])),
    sipTrunks: ImmutableMap(trunks.map((trunk) => [trunk.trunkId, trunk])),
  };
}
