import { describe } from '@jest/globals';
import { problemsOf } from '../route.contract.js';
import { type RouteAnswer, type RouteWorld, sandboxTrunk } from '../route-world.contract.js';
import { ChangeSipTrunkController } from './change-sip-trunk.js';

describe('changing a SIP trunk', () => {
  const itAnswers = problemsOf(ChangeSipTrunkController);

  /** Changes a new trunk of a new account. */
  async function change(world: RouteWorld, body: object): Promise<RouteAnswer> {
    const { secret } = await world.key(await world.account());
    const { id } = await world.given(world.post('sip/trunks', sandboxTrunk, secret));
    return world.patch(`sip/trunks/${String(id)}`, body, secret);
  }

  itAnswers('not_found', 'where the path is no id', async (world) => {
    const { secret } = await world.key(await world.account());
    return world.patch('sip/trunks/nonsense', { name: 'Home' }, secret);
  });

  itAnswers('validation_failed', 'where nothing is to be changed', (world) => change(world, { name: null }));

  itAnswers('sip_trunk_unknown', 'to a key of the other mode', async (world) => {
    const account = await world.account();
    const [test, live] = [await world.key(account), await world.key(account, { mode: 'live' })];
    const { id } = await world.given(world.post('sip/trunks', sandboxTrunk, live.secret));
    return world.patch(`sip/trunks/${String(id)}`, { name: 'Home' }, test.secret);
  });

  itAnswers('sip_trunk_invalid', 'to UDP where it has addresses', (world) => change(world, { transport: 'udp' }));

  itAnswers('trunk_secret_unknown', 'to a secret that does not exist', (world) =>
    change(world, { secret_id: world.behind.ids.webhookSecretId() }),
  );

  itAnswers('trunk_ip_list_unknown', 'to an IP list that does not exist', (world) =>
    change(world, { authentication_type: 'IP', ip_acl_id: world.behind.ids.ipListId() }),
  );
});
