import { describe } from '@jest/globals';
import { problemsOf } from '../route.contract.js';
import { ListKeysController } from './list-keys.js';

describe('listing keys', () => {
  const itAnswers = problemsOf(ListKeysController);

  itAnswers('cursor_invalid', 'for a cursor that no answer gave', (world) => world.get('keys?cursor_after=abc'));

  itAnswers('not_found', 'where a key names another account than its own', async (world) => {
    const key = await world.key(await world.account());
    return world.get(`keys?account_id=${await world.account()}`, key.secret);
  });
});
