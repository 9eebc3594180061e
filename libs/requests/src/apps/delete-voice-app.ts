import { accountOfStream, type RequestBuilder } from '../command-request.js';
import { appIdIn } from './app-settings.js';

export const requestDeleteVoiceApp: RequestBuilder<'delete_voice_app'> = (body, { stream }) => {
  const appId = appIdIn(body.voice_app_id);
  return {
    stream,
    payload: { type: 'DeleteVoiceApp', accountId: accountOfStream(stream), appId },
    fields: { voice_app_id: appId },
    result: { voice_app_id: appId },
    secret: null,
  };
};
