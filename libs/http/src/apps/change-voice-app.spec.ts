import { describe } from '@jest/globals';
import { problemsOf } from '../route.contract.js';
import { sandboxApp } from '../route-world.contract.js';
import { ChangeVoiceAppController } from './change-voice-app.js';

describe('changing a voice app', () => {
  const itAnswers = problemsOf(ChangeVoiceAppController);

  itAnswers('not_found', 'where the path is no id', async (world) => {
    const { secret } = await world.key(await world.account());
    return world.patch('voice/apps/nonsense', { status: 'inactive' }, secret);
  });

  itAnswers('validation_failed', 'where nothing is to be changed', async (world) => {
    const { secret } = await world.key(await world.account());
    const { id } = await world.given(world.post('voice/apps', sandboxApp, secret));
    return world.patch(`voice/apps/${String(id)}`, { name: null }, secret);
  });

  itAnswers('voice_app_unknown', 'to a key of the other mode', async (world) => {
    const account = await world.account();
    const [test, live] = [await world.key(account), await world.key(account, { mode: 'live' })];
    const { id } = await world.given(world.post('voice/apps', sandboxApp, live.secret));
    return world.patch(`voice/apps/${String(id)}`, { status: 'inactive' }, test.secret);
  });

  itAnswers('app_secret_unknown', 'where the secret does not exist', async (world) => {
    const { secret } = await world.key(await world.account());
    const { id } = await world.given(world.post('voice/apps', sandboxApp, secret));
    return world.patch(`voice/apps/${String(id)}`, { secret_id: world.behind.ids.webhookSecretId() }, secret);
  });

  itAnswers('answering_key_unusable', 'where the key lacks the scope', async (world) => {
    const account = await world.account();
    const { secret } = await world.key(account);
    const { id: keyId } = await world.key(account, { scopes: ['calls:write'] });
    const { id } = await world.given(world.post('voice/apps', sandboxApp, secret));
    return world.patch(`voice/apps/${String(id)}`, { answering_key_id: keyId }, secret);
  });
});
