import { invariant } from '@ringfence/kernel/invariant';
import { webhookApiVersionDefault } from '@ringfence/wire/commands/apps/app-fields';
import { warningsFor } from '@ringfence/wire/ineffective-fields';
import { accountOfStream, type RequestBuilder, sentFields } from '../command-request.js';
import { numbersIn } from '../numbers/number-of.js';
import { settingsChange } from './app-settings.js';

/** The settings of a new app whose request leaves them out. */
const settingsDefaults = {
  fallbackUrl: null,
  answeringKeyId: null,
  status: 'active',
  channelLimit: null,
  secretId: null,
  webhookApiVersion: webhookApiVersionDefault,
} as const;

export const requestCreateVoiceApp: RequestBuilder<'create_voice_app', 'vault' | 'ids'> = async (
  body,
  { stream },
  { vault, ids },
) => {
  const accountId = accountOfStream(stream);
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
      numberIds: numbersIn(body.vn_ids),
    },
    fields: sentFields(body),
    result: { voice_app_id: appId, warnings: warningsFor('create_voice_app', body) },
    secret: null,
  };
};
