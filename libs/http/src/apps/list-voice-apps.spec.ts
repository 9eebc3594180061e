import { describe } from '@jest/globals';
import { problemsOf } from '../route.contract.js';
import { ListVoiceAppsController } from './list-voice-apps.js';

describe('listing voice apps', () => {
  const itAnswers = problemsOf(ListVoiceAppsController);

  itAnswers('cursor_invalid', 'to a cursor that no answer gave', (world) =>
    world.get(
      `voice/apps?account_id=${world.behind.ids.accountId()}&status=active&status=inactive&cursor_after=bm9uc2U`,
    ),
  );

  itAnswers('not_found', 'to a key that names another account', async (world) => {
    const { secret } = await world.key(await world.account());
    return world.get(`voice/apps?account_id=${await world.openedAccount()}`, secret);
  });
});
