import { describe } from '@jest/globals';
import { ipListsMax } from '@ringfence/domain/trunks/ip-list';
import { problemsOf } from '../route.contract.js';
import { sandboxIpList } from '../route-world.contract.js';
import { CreateIpListController } from './create-ip-list.js';

describe('creating an IP list', () => {
  const itAnswers = problemsOf(CreateIpListController);

  itAnswers('validation_failed', 'to a network that is too wide', async (world) => {
    const { secret } = await world.key(await world.account());
    return world.post('sip/ip-acls', { name: 'all', addresses: [{ address: '203.0.0.0/16' }] }, secret);
  });

  itAnswers('ip_lists_exhausted', 'where the account has as many as it may have', async (world) => {
    const { secret } = await world.key(await world.account());
    for (let at = 0; at < ipListsMax; at += 1) await world.given(world.post('sip/ip-acls', sandboxIpList, secret));
    return world.post('sip/ip-acls', sandboxIpList, secret);
  });
});
