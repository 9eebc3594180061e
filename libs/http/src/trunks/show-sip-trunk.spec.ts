import { describe } from '@jest/globals';
import { problemsOf } from '../route.contract.js';
import { sandboxTrunk } from '../route-world.contract.js';
import { ShowSipTrunkController } from './show-sip-trunk.js';

describe('showing a SIP trunk', () => {
  const itAnswers = problemsOf(ShowSipTrunkController);

  itAnswers('not_found', 'to a key of the other mode', async (world) => {
    const account = await world.account();
    const [test, live] = [await world.key(account), await world.key(account, { mode: 'live' })];
    const { id } = await world.given(world.post('sip/trunks', sandboxTrunk, test.secret));
    return world.get(`sip/trunks/${String(id)}`, live.secret);
  });
});
