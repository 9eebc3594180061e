import { describe } from '@jest/globals';
import { problemsOf } from '../route.contract.js';
import { ListEventsController } from './list-events.js';

describe('listing events', () => {
  const itAnswers = problemsOf(ListEventsController);

  itAnswers('position_invalid', 'for a position of no log', (world) =>
    world.get(`audit/events?from=log_${'U'.repeat(26)}:1`),
  );

  itAnswers('position_of_other_log', 'for a position of another log', (world) =>
    world.get(`audit/events?from=${world.behind.ids.logId()}:1`),
  );

  itAnswers('not_found', 'where a key names another account than its own', async (world) => {
    const key = await world.key(await world.account());
    return world.get(`audit/events?account_id=${await world.account()}`, key.secret);
  });
});
