import { describe } from '@jest/globals';
import { problemsOf } from '../route.contract.js';
import { ListAccountsController } from './list-accounts.js';

describe('listing accounts', () => {
  const itAnswers = problemsOf(ListAccountsController);

  itAnswers('cursor_invalid', 'for a cursor that no answer gave', (world) => world.get('accounts?cursor_after=abc'));

  itAnswers('not_found', 'where a key names another account than its own', async (world) => {
    const key = await world.key(await world.account());
    return world.get(`accounts?account_id=${await world.account()}`, key.secret);
  });
});
