import { describe } from '@jest/globals';
import { problemsOf } from '../route.contract.js';
import { sandboxApp } from '../route-world.contract.js';
import { DeleteWebhookSecretController } from './delete-webhook-secret.js';

describe('deleting a webhook secret', () => {
  const itAnswers = problemsOf(DeleteWebhookSecretController);

  itAnswers('not_found', 'where the path is no id', async (world) => {
    const { secret } = await world.key(await world.account());
    return world.delete('secrets/nonsense', secret);
  });

  itAnswers('webhook_secret_unknown', 'where it is deleted already', async (world) => {
    const { secret } = await world.key(await world.account());
    const { id } = await world.given(world.post('secrets', { name: 'spec' }, secret));
    await world.given(world.delete(`secrets/${String(id)}`, secret));
    return world.delete(`secrets/${String(id)}`, secret);
  });

  itAnswers('webhook_secret_in_use', 'while an app uses it', async (world) => {
    const { secret } = await world.key(await world.account());
    const { id } = await world.given(world.post('secrets', { name: 'spec' }, secret));
    await world.given(world.post('voice/apps', { ...sandboxApp, secret_id: id }, secret));
    return world.delete(`secrets/${String(id)}`, secret);
  });
});
