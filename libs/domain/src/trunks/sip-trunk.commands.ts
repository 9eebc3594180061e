import type { AccountId, SipTrunkId } from '@ringfence/kernel/ids';
import type { CommandMetadata } from '../shared/values.js';
import type { SipTrunkSettings } from './sip-trunk.events.js';

type OfTrunk = CommandMetadata & { readonly accountId: AccountId; readonly trunkId: SipTrunkId };

/** Creates a trunk in the mode of the key that issues the command. */
export type CreateSipTrunk = OfTrunk & { readonly type: 'CreateSipTrunk'; readonly settings: SipTrunkSettings };
/** The settings to change; an omitted one keeps the value that it has when the change is decided. */
export type ChangeSipTrunk = OfTrunk & { readonly type: 'ChangeSipTrunk'; readonly change: Partial<SipTrunkSettings> };
export type DeleteSipTrunk = OfTrunk & { readonly type: 'DeleteSipTrunk' };

export type SipTrunkCommand = CreateSipTrunk | ChangeSipTrunk | DeleteSipTrunk;
