import type { AccountId, IpListId } from '@ringfence/kernel/ids';
import type { CommandMetadata } from '../shared/values.js';
import type { IpListSettings } from './ip-list.events.js';

type OfList = CommandMetadata & { readonly accountId: AccountId; readonly ipListId: IpListId };

/** Creates a list in the mode of the key that issues the command. */
export type CreateIpList = OfList & { readonly type: 'CreateIpList'; readonly settings: IpListSettings };
/** The settings to change; an omitted one keeps its value. `addresses` replaces all of them. */
export type ChangeIpList = OfList & { readonly type: 'ChangeIpList'; readonly change: Partial<IpListSettings> };
export type DeleteIpList = OfList & { readonly type: 'DeleteIpList' };

export type IpListCommand = CreateIpList | ChangeIpList | DeleteIpList;
