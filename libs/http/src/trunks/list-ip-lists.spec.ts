import { describe } from '@jest/globals';
import { problemsOf } from '../route.contract.js';
import { ListIpListsController } from './list-ip-lists.js';

describe('listing IP lists', () => {
  const itAnswers = problemsOf(ListIpListsController);

  itAnswers('cursor_invalid', 'to a cursor that no answer gave', (world) =>
    world.get(`sip/ip-acls?account_id=${world.behind.ids.accountId()}&cursor_after=bm9uc2Vuc2U`),
  );

  itAnswers('not_found', 'to a key that names another account', async (world) => {
    const { secret } = await world.key(await world.account());
    return world.get(`sip/ip-acls?account_id=${await world.openedAccount()}`, secret);
  });
});
