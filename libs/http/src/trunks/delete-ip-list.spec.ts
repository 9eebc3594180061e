import { describe } from '@jest/globals';
import { problemsOf } from '../route.contract.js';
import { sandboxIpList } from '../route-world.contract.js';
import { DeleteIpListController } from './delete-ip-list.js';

describe('deleting an IP list', () => {
  const itAnswers = problemsOf(DeleteIpListController);

  itAnswers('not_found', 'where the path is no id', async (world) => {
    const { secret } = await world.key(await world.account());
    return world.delete('sip/ip-acls/nonsense', secret);
  });

  itAnswers('ip_list_in_use', 'while a trunk uses it', async (world) => {
    const { secret } = await world.key(await world.account());
    const { id } = await world.given(world.post('sip/ip-acls', sandboxIpList, secret));
    const trunk = { name: 'Office', authentication_type: 'IP', ip_acl_id: id };
    await world.given(world.post('sip/trunks', trunk, secret));
    return world.delete(`sip/ip-acls/${String(id)}`, secret);
  });

  itAnswers('ip_list_unknown', 'where it is deleted already', async (world) => {
    const { secret } = await world.key(await world.account());
    const { id } = await world.given(world.post('sip/ip-acls', sandboxIpList, secret));
    await world.given(world.delete(`sip/ip-acls/${String(id)}`, secret));
    return world.delete(`sip/ip-acls/${String(id)}`, secret);
  });
});
