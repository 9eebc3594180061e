import { describe } from '@jest/globals';
import { voiceAppsMax } from '@ringfence/domain/apps/voice-app';
import { problemsOf } from '../route.contract.js';
import { sandboxApp } from '../route-world.contract.js';
import { CreateVoiceAppController } from './create-voice-app.js';

describe('creating a voice app', () => {
  const itAnswers = problemsOf(CreateVoiceAppController);

  itAnswers('validation_failed', 'where what is named is no id of a number', async (world) => {
    const { secret } = await world.key(await world.account());
    return world.post('voice/apps', { ...sandboxApp, vn_ids: ['va_01K9Z000000000000000000000'] }, secret);
  });

  itAnswers('app_number_unknown', 'where the account does not have a number that is named', async (world) => {
    const { secret } = await world.key(await world.account());
    return world.post('voice/apps', { ...sandboxApp, vn_ids: ['vn_01K9Z000000000000000000000'] }, secret);
  });

  itAnswers('app_secret_unknown', 'where the secret is one of the other mode', async (world) => {
    const account = await world.account();
    const [test, live] = [await world.key(account), await world.key(account, { mode: 'live' })];
    const { id } = await world.given(world.post('secrets', { name: 'spec' }, live.secret));
    return world.post('voice/apps', { ...sandboxApp, secret_id: id }, test.secret);
  });

  itAnswers('answering_key_unusable', 'where the key that answers is one of the other mode', async (world) => {
    const account = await world.account();
    const [test, live] = [await world.key(account), await world.key(account, { mode: 'live' })];
    return world.post('voice/apps', { ...sandboxApp, answering_key_id: live.id }, test.secret);
  });

  itAnswers('voice_apps_exhausted', 'where the account has as many as it may have', async (world) => {
    const { secret } = await world.key(await world.account());
    const creating = Array.from({ length: voiceAppsMax }, (_, at) => at);
    for (const at of creating) await world.given(world.post('voice/apps', { ...sandboxApp, name: String(at) }, secret));
    return world.post('voice/apps', sandboxApp, secret);
  });
});
