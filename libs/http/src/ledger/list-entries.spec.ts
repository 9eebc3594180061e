import { describe } from '@jest/globals';
import { problemsOf } from '../route.contract.js';
import { ListEntriesController } from './list-entries.js';

describe('listing entries of the ledger', () => {
  const itAnswers = problemsOf(ListEntriesController);

  itAnswers('cursor_invalid', 'for a cursor that no answer gave', async (world) =>
    world.get(`ledger/entries?account_id=${await world.account()}&cursor_after=abc`),
  );

  itAnswers('mode_not_allowed', 'to a test key that names the live book', async (world) => {
    const key = await world.key(await world.account(), { mode: 'test' });
    return world.get('ledger/entries?mode=live', key.secret);
  });

  itAnswers('not_found', 'where a key names another account than its own', async (world) => {
    const key = await world.key(await world.account());
    return world.get(`ledger/entries?account_id=${await world.account()}`, key.secret);
  });
});
