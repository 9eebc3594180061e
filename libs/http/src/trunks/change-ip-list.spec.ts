import { describe } from '@jest/globals';
import { problemsOf } from '../route.contract.js';
import { sandboxIpList } from '../route-world.contract.js';
import { ChangeIpListController } from './change-ip-list.js';

describe('changing an IP list', () => {
  const itAnswers = problemsOf(ChangeIpListController);

  itAnswers('not_found', 'where the path is no id', async (world) => {
    const { secret } = await world.key(await world.account());
    return world.patch('sip/ip-acls/nonsense', { name: 'Home' }, secret);
  });

  itAnswers('validation_failed', 'where nothing is to be changed', async (world) => {
    const { secret } = await world.key(await world.account());
    const { id } = await world.given(world.post('sip/ip-acls', sandboxIpList, secret));
    return world.patch(`sip/ip-acls/${String(id)}`, { name: null }, secret);
  });

  itAnswers('ip_list_unknown', 'to a key of the other mode', async (world) => {
    const account = await world.account();
    const [test, live] = [await world.key(account), await world.key(account, { mode: 'live' })];
    const { id } = await world.given(world.post('sip/ip-acls', sandboxIpList, live.secret));
    return world.patch(`sip/ip-acls/${String(id)}`, { name: 'Home' }, test.secret);
  });
});
