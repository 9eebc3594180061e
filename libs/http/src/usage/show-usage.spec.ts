import { describe } from '@jest/globals';
import { problemsOf } from '../route.contract.js';
import { ShowUsageController } from './show-usage.js';

describe('showing usage', () => {
  const itAnswers = problemsOf(ShowUsageController);

  itAnswers('mode_not_allowed', 'to a test key that names the live book', async (world) => {
    const key = await world.key(await world.account(), { mode: 'test' });
    return world.get('usage?mode=live', key.secret);
  });

  itAnswers('not_found', 'where a key names another account than its own', async (world) => {
    const key = await world.key(await world.account());
    return world.get(`usage?account_id=${await world.account()}`, key.secret);
  });
});
