import { describe } from '@jest/globals';
import { problemsOf } from '../route.contract.js';
import { ChangeWebhookSecretController } from './change-webhook-secret.js';

describe('changing a webhook secret', () => {
  const itAnswers = problemsOf(ChangeWebhookSecretController);

  itAnswers('not_found', 'where the path is no id', async (world) => {
    const { secret } = await world.key(await world.account());
    return world.patch('secrets/nonsense', { rotate: true }, secret);
  });

  itAnswers('validation_failed', 'where nothing is to be changed', async (world) => {
    const { secret } = await world.key(await world.account());
    const { id } = await world.given(world.post('secrets', { name: 'spec' }, secret));
    return world.patch(`secrets/${String(id)}`, { rotate: false }, secret);
  });

  itAnswers('webhook_secret_unknown', 'to a key of the other mode', async (world) => {
    const account = await world.account();
    const [test, live] = [await world.key(account), await world.key(account, { mode: 'live' })];
    const { id } = await world.given(world.post('secrets', { name: 'spec' }, live.secret));
    return world.patch(`secrets/${String(id)}`, { rotate: true }, test.secret);
  });
});
