import { id, nullable } from '@ringfence/event-catalog/shape';

export const ofAccount = { accountId: id('acc') };
export const ofCall = { accountId: id('acc'), callId: id('cs') };
/** Fields of a key; without an account it is an operator's key. */
export const ofKey = { accountId: nullable(id('acc')), keyId: id('key') };
