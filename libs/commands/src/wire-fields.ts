import { id, nullable } from '@ringfence/event-catalog/shape';

export const accountFields = { accountId: id('acc') };
export const callFields = { accountId: id('acc'), callId: id('cs') };
/** Fields that identify a SIP trunk. */
export const sipTrunkIds = { accountId: id('acc'), trunkId: id('st') };
/** Fields that identify an IP list. */
export const ipListIds = { accountId: id('acc'), ipListId: id('acl') };
/** Fields that identify a voice app. */
export const voiceAppIds = { accountId: id('acc'), appId: id('va') };
/** Fields that identify a webhook secret. */
export const webhookSecretFields = { accountId: id('acc'), secretId: id('sec') };
/** Fields that identify a key; without an account it is an operator's. */
export const keyFields = { accountId: nullable(id('acc')), keyId: id('key') };
