import type { IpListId } from '@ringfence/kernel/ids';
import type { EpochMs } from '@ringfence/kernel/units';
import type { Map as ImmutableMap } from 'immutable';
import type { Mode } from '../shared/values.js';
import type { IpListEvent, IpListSettings } from './ip-list.events.js';

/** The most lists that an account may have in one mode. */
export const ipListsMax = 100;
/** The most addresses of one list. */
export const ipListAddressesMax = 50;

export type IpList = {
  readonly ipListId: IpListId;
  readonly mode: Mode;
  readonly settings: IpListSettings;
  readonly createdAtMs: EpochMs;
};
/** The IP lists of one account, of both modes. */
export type IpLists = ImmutableMap<IpListId, IpList>;

export function evolveIpLists(lists: IpLists, event: IpListEvent): IpLists {
  const { ipListId, mode } = event;
  switch (event.type) {
    case 'IpListCreated':
    case 'IpListChanged':
      return lists.set(ipListId, { ipListId, mode, settings: event.settings, createdAtMs: event.createdAtMs });
    case 'IpListDeleted':
      return lists.delete(ipListId);
  }
}
