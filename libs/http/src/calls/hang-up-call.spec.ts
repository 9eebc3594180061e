import { describe } from '@jest/globals';
import { problemsOf } from '../route.contract.js';
import { HangUpCallController } from './hang-up-call.js';

describe('hanging up a call', () => {
  const itAnswers = problemsOf(HangUpCallController);

  itAnswers('not_found', 'where an operator names a call that nobody placed', (world) =>
    world.post(`voice/calls/${world.behind.ids.callId()}/hangup`),
  );

  itAnswers('call_unknown', 'where a key names a call that its account never placed', async (world) => {
    const key = await world.key(await world.account());
    return world.post(`voice/calls/${world.behind.ids.callId()}/hangup`, {}, key.secret);
  });

  itAnswers('call_not_live', 'the second time', async (world) => {
    const key = await world.key(await world.account());
    const call = await world.call(key);
    await world.given(world.post(`voice/calls/${call}/hangup`, {}, key.secret));
    return world.post(`voice/calls/${call}/hangup`, {}, key.secret);
  });

  itAnswers('leg_not_found', 'for a leg of another call', async (world) => {
    const key = await world.key(await world.account());
    const leg_id = world.behind.ids.legId();
    return world.post(`voice/calls/${await world.call(key)}/hangup`, { leg_id }, key.secret);
  });
});
