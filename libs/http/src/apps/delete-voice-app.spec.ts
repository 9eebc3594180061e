import { describe } from '@jest/globals';
import { addedNumber } from '../numbers/number-world.contract.js';
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

  itAnswers('voice_app_in_use', 'where a number is assigned to it', async (world) => {
    const account = await world.account();
    const { secret } = await world.key(account);
    const vn_ids = [await addedNumber(world, account, '+15005550140')];
    const { id } = await world.given(world.post('voice/apps', { ...sandboxApp, vn_ids }, secret));
    return world.delete(`voice/apps/${String(id)}`, secret);
  });
});
