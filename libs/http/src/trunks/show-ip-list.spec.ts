import { describe } from '@jest/globals';
import { problemsOf } from '../route.contract.js';
import { sandboxIpList } from '../route-world.contract.js';
import { ShowIpListController } from './show-ip-list.js';

describe('showing an IP list', () => {
  const itAnswers = problemsOf(ShowIpListController);

  itAnswers('not_found', 'to a key of the other mode', async (world) => {
    const account = await world.account();
    const [test, live] = [await world.key(account), await world.key(account, { mode: 'live' })];
    const { id } = await world.given(world.post('sip/ip-acls', sandboxIpList, test.secret));
    return world.get(`sip/ip-acls/${String(id)}`, live.secret);
  });
});
