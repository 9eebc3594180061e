import { describe } from '@jest/globals';
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
});
