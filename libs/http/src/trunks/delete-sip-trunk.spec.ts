import { describe } from '@jest/globals';
import { addedNumber } from '../numbers/number-world.contract.js';
import { problemsOf } from '../route.contract.js';
import { sandboxTrunk } from '../route-world.contract.js';
import { DeleteSipTrunkController } from './delete-sip-trunk.js';

describe('deleting a SIP trunk', () => {
  const itAnswers = problemsOf(DeleteSipTrunkController);

  itAnswers('not_found', 'where the path is no id', async (world) => {
    const { secret } = await world.key(await world.account());
    return world.delete('sip/trunks/nonsense', secret);
  });

  itAnswers('sip_trunk_unknown', 'where it is deleted already', async (world) => {
    const { secret } = await world.key(await world.account());
    const { id } = await world.given(world.post('sip/trunks', sandboxTrunk, secret));
    await world.given(world.delete(`sip/trunks/${String(id)}`, secret));
    return world.delete(`sip/trunks/${String(id)}`, secret);
  });

  itAnswers('sip_trunk_in_use', 'where a number is assigned to it', async (world) => {
    const account = await world.account();
    const { secret } = await world.key(account);
    const vn_ids = [await addedNumber(world, account, '+15005550141')];
    const { id } = await world.given(world.post('sip/trunks', sandboxTrunk, secret));
    await world.given(world.post('virtual-numbers/assign', { vn_ids, sip_trunk_id: id }, secret));
    return world.delete(`sip/trunks/${String(id)}`, secret);
  });
});
