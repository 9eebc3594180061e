import { warningsFor } from '@ringfence/wire/ineffective-fields';
import { accountOfStream, InvalidField, type RequestBuilder, sentFields } from '../command-request.js';
import { appIdIn, settingsChange } from './app-settings.js';

/** @throws InvalidField: nothing is to be changed */
export const requestChangeVoiceApp: RequestBuilder<'change_voice_app', 'vault'> = async (
  body,
  { stream },
  { vault },
) => {
  const accountId = accountOfStream(stream);
  const appId = appIdIn(body.voice_app_id);
  const change = await settingsChange(body, vault, accountId);
  if (Object.keys(change).length === 0)
    throw new InvalidField(['name'], 'required', 'is needed, or another setting to change');
  return {
    stream,
    payload: { type: 'ChangeVoiceApp', accountId, appId, change },
    fields: sentFields(body),
    result: { voice_app_id: appId, warnings: warningsFor('change_voice_app', body) },
    secret: null,
  };
};
