import { describe } from '@jest/globals';
import { problemsOf } from '../route.contract.js';
import { sandboxApp } from '../route-world.contract.js';
import { DeleteVoiceAppController } from './delete-voice-app.js';

describe('deleting a voice app', () => {
  const itAnswers = problemsOf(DeleteVoiceAppController);

  itAnswers('not_found', 'where the path is no id', async (world) => {
    const { secret } = await world.key(await world.account());
    return world.delete('voice/apps/nonsense', secret);
  });

  itAnswers('voice_app_unknown', 'where it is deleted already', async (world) => {
    const { secret } = await world.key(await world.account());
    const { id } = await world.given(world.post('voice/apps', sandboxApp, secret));
    await world.given(world.delete(`voice/apps/${String(id)}`, secret));
    return world.delete(`voice/apps/${String(id)}`, secret);
  });
});
