import { describe } from '@jest/globals';
import { sipTrunksMax } from '@ringfence/domain/trunks/sip-trunk';
import { problemsOf } from '../route.contract.js';
import { sandboxTrunk } from '../route-world.contract.js';
import { CreateSipTrunkController } from './create-sip-trunk.js';

describe('creating a SIP trunk', () => {
  const itAnswers = problemsOf(CreateSipTrunkController);

  itAnswers('validation_failed', 'where nothing is there to recognise callers by', async (world) => {
    const { secret } = await world.key(await world.account());
    return world.post('sip/trunks', { name: 'Office', authentication_type: 'IP' }, secret);
  });

  itAnswers('sip_trunk_invalid', 'to addresses over UDP', async (world) => {
    const { secret } = await world.key(await world.account());
    return world.post('sip/trunks', { ...sandboxTrunk, transport: 'udp' }, secret);
  });

  itAnswers('trunk_secret_unknown', 'to a secret of the other mode', async (world) => {
    const account = await world.account();
    const [test, live] = [await world.key(account), await world.key(account, { mode: 'live' })];
    const { id } = await world.given(world.post('secrets', { name: 'spec' }, live.secret));
    return world.post('sip/trunks', { ...sandboxTrunk, secret_id: id }, test.secret);
  });

  itAnswers('trunk_ip_list_unknown', 'to an IP list that does not exist', async (world) => {
    const { secret } = await world.key(await world.account());
    const trunk = { name: 'Office', authentication_type: 'IP', ip_acl_id: world.behind.ids.ipListId() };
    return world.post('sip/trunks', trunk, secret);
  });

  itAnswers('sip_trunks_exhausted', 'where the account has as many as it may have', async (world) => {
    const { secret } = await world.key(await world.account());
    for (let at = 0; at < sipTrunksMax; at += 1) await world.given(world.post('sip/trunks', sandboxTrunk, secret));
    return world.post('sip/trunks', sandboxTrunk, secret);
  });
});
