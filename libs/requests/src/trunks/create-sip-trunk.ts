import { invariant } from '@ringfence/kernel/invariant';
import { trunkApiVersionDefault } from '@ringfence/wire/commands/trunks/trunk-fields';
import { warningsFor } from '@ringfence/wire/ineffective-fields';
import { accountOfStream, type RequestBuilder, sentFields } from '../command-request.js';
import { trunkChange } from './trunk-settings.js';

/** The settings of a new trunk whose request leaves them out. */
const settingsDefaults = {
  transport: 'tls',
  isActive: true,
  channelLimit: null,
  cpsLimit: null,
  recordingEnabled: false,
  inboundRoute: null,
  webhookUrl: null,
  webhookApiVersion: trunkApiVersionDefault,
  secretId: null,
} as const;

/** @throws as `trunkChange` */
export const requestCreateSipTrunk: RequestBuilder<'create_sip_trunk', 'vault' | 'ids'> = async (
  body,
  { stream },
  { vault, ids },
) => {
  const accountId = accountOfStream(stream);
  const trunkId = ids.sipTrunkId();
  const { name, authentication, ...chosen } = await trunkChange(body, trunkId, vault, accountId);
  invariant(name !== undefined && authentication !== undefined, 'a new trunk has these');
  return {
    stream,
    payload: {
      type: 'CreateSipTrunk',
      accountId,
      trunkId,
      settings: { ...settingsDefaults, ...chosen, name, authentication },
    },
    fields: sentFields(body),
    result: { sip_trunk_id: trunkId, warnings: warningsFor('create_sip_trunk', body) },
    secret: null,
  };
};
