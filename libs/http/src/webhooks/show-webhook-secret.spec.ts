import { describe } from '@jest/globals';
import { problemsOf } from '../route.contract.js';
import { ShowWebhookSecretController } from './show-webhook-secret.js';

describe('showing a webhook secret', () => {
  const itAnswers = problemsOf(ShowWebhookSecretController);

  itAnswers('not_found', 'to a key of the other mode', async (world) => {
    const account = await world.account();
    const [test, live] = [await world.key(account), await world.key(account, { mode: 'live' })];
    const { id } = await world.given(world.post('secrets', { name: 'spec' }, test.secret));
    return world.get(`secrets/${String(id)}`, live.secret);
  });
});
