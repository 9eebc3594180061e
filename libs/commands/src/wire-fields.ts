import { id, nullable } from '@ringfence/event-catalog/shape';

export const accountFields = { accountId: id('acc') };
export const callFields = { accountId: id('acc'), callId: id('cs') };
/** Fields of a key; without an account it is an operator's key. */
export const keyFields = { accountId: nullable(id('acc')), keyId: id('key') };
