import { describe } from '@jest/globals';
import { problemsOf } from '../route.contract.js';
import { ShowRateCountersController } from './show-rate-counters.js';

describe('showing rate counters', () => {
  const itAnswers = problemsOf(ShowRateCountersController);

  itAnswers('not_found', 'where no key has that id', async (world) => {
    const key_id = world.behind.ids.keyId();
    return world.get(`usage/rate-counters?account_id=${await world.account()}&key_id=${key_id}`);
  });
});
