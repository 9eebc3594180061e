import { accountOfStream, type RequestBuilder } from '../command-request.js';
import { newSecretValue } from './webhook-secret-value.js';

export const requestCreateWebhookSecret: RequestBuilder<'create_webhook_secret', 'vault' | 'ids'> = async (
  { name },
  { stream },
  { vault, ids },
) => {
  const accountId = accountOfStream(stream);
  const secretId = ids.webhookSecretId();
  const [sealedName, { secret, value }] = await Promise.all([
    vault.seal(accountId, name),
    newSecretValue(vault, accountId),
  ]);
  return {
    stream,
    payload: { type: 'CreateWebhookSecret', accountId, secretId, name: sealedName, value },
    fields: { name },
    result: { secret_id: secretId },
    secret,
  };
};
