import { describe } from '@jest/globals';
import { webhookSecretsMax } from '@ringfence/domain/webhooks/webhook-secret';
import { problemsOf } from '../route.contract.js';
import { CreateWebhookSecretController } from './create-webhook-secret.js';

describe('creating a webhook secret', () => {
  const itAnswers = problemsOf(CreateWebhookSecretController);

  itAnswers('webhook_secrets_exhausted', 'where the account has as many as it may have', async (world) => {
    const { secret } = await world.key(await world.account());
    for (let at = 0; at < webhookSecretsMax; at += 1)
      await world.given(world.post('secrets', { name: 'spec' }, secret));
    return world.post('secrets', { name: 'one more' }, secret);
  });
});
