import { accountOfStream, type RequestBuilder } from '../command-request.js';
import { secretIdIn } from './webhook-secret-value.js';

export const requestDeleteWebhookSecret: RequestBuilder<'delete_webhook_secret'> = (body, { stream }) => {
  const secretId = secretIdIn(body.secret_id);
  return {
    stream,
    payload: { type: 'DeleteWebhookSecret', accountId: accountOfStream(stream), secretId },
    fields: { secret_id: secretId },
    result: { secret_id: secretId },
    secret: null,
  };
};
