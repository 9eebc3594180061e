import { describe } from '@jest/globals';
import { problemsOf } from '../route.contract.js';
import { ListCallsController } from './list-calls.js';

describe('listing calls', () => {
  const itAnswers = problemsOf(ListCallsController);

  itAnswers('cursor_invalid', 'for a cursor that no answer gave', async (world) =>
    world.get(`voice/calls?account_id=${await world.account()}&cursor_after=abc`),
  );

  itAnswers('not_found', 'where a key names another account than its own', async (world) => {
    const key = await world.key(await world.account());
    return world.get(`voice/calls?account_id=${await world.account()}`, key.secret);
  });
});
