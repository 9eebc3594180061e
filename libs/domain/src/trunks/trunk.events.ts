import type { IpListEvent } from './ip-list.events.js';
import type { SipTrunkEvent } from './sip-trunk.events.js';

export type TrunkEvent = IpListEvent | SipTrunkEvent;
