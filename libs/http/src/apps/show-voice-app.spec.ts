import { describe } from '@jest/globals';
import { problemsOf } from '../route.contract.js';
import { sandboxApp } from '../route-world.contract.js';
import { ShowVoiceAppController } from './show-voice-app.js';

describe('showing a voice app', () => {
  const itAnswers = problemsOf(ShowVoiceAppController);

  itAnswers('not_found', 'to a key of the other mode', async (world) => {
    const account = await world.account();
    const [test, live] = [await world.key(account), await world.key(account, { mode: 'live' })];
    const { id } = await world.given(world.post('voice/apps', sandboxApp, test.secret));
    return world.get(`voice/apps/${String(id)}`, live.secret);
  });
});
