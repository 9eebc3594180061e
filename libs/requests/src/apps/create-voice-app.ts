import { invariant } from '@ringfence/kernel/invariant';
import { webhookApiVersionDefault } from '@ringfence/wire/commands/apps/app-fields';
import { warningsFor } from '@ringfence/wire/ineffective-fields';
import { accountOfStream, InvalidField, type RequestBuilder, sentFields } from '../command-request.js';
import { settingsChange } from './app-settings.js';

/** The settings of a new app whose request leaves them out. */
const settingsDefaults = {
  fallbackUrl: null,
  status: 'active',
  channelLimit: null,
  secretId: null,
  webhookApiVersion: webhookApiVersionDefault,
} as const;

/** @throws InvalidField: virtual numbers are named, of which there are none */
export const requestCreateVoiceApp: RequestBuilder<'create_voice_app', 'vault' | 'ids'> = async (
  body,
  { stream },
  { vault, ids },
) => {
  const accountId = accountOfStream(stream);
  if ((body.vn_ids ?? []).length > 0)
    throw new InvalidField(['vn_ids'], 'not_supported', 'is empty: there are no virtual numbers in this release');
  const { name, flowUrl, webhookUrl, ...chosen } = await settingsChange(body, vault, accountId);
  invariant(name !== undefined && flowUrl !== undefined && webhookUrl !== undefined, 'a new app has these');
  const appId = ids.voiceAppId();
  return {
    stream,
    payload: {
      type: 'CreateVoiceApp',
      accountId,
      appId,
      settings: { ...settingsDefaults, ...chosen, name, flowUrl, webhookUrl },
    },
    fields: sentFields(body),
    result: { voice_app_id: appId, warnings: warningsFor('create_voice_app', body) },
    secret: null,
  };
};
