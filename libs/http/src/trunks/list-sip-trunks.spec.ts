import { describe } from '@jest/globals';
import { problemsOf } from '../route.contract.js';
import { ListSipTrunksController } from './list-sip-trunks.js';

describe('listing SIP trunks', () => {
  const itAnswers = problemsOf(ListSipTrunksController);

  itAnswers('cursor_invalid', 'to a cursor that no answer gave', (world) =>
    world.get(`sip/trunks?account_id=${world.behind.ids.accountId()}&cursor_after=bm9uc2Vuc2U`),
  );

  itAnswers('not_found', 'to a key that names another account', async (world) => {
    const { secret } = await world.key(await world.account());
    return world.get(`sip/trunks?account_id=${await world.openedAccount()}`, secret);
  });
});
