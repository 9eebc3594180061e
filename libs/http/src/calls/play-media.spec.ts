import { describe } from '@jest/globals';
import { problemsOf } from '../route.contract.js';
import { answeredCall } from './answered-call.contract.js';
import { PlayMediaController } from './play-media.js';

describe('playing a file into a call', () => {
  const itAnswers = problemsOf(PlayMediaController);
  const body = (leg_id: string) => ({ leg_id, media_url: 'https://example.com/notice.mp3' });

  itAnswers('not_found', 'for what is no id of a call', async (world) => {
    const key = await world.key(await world.account());
    return world.post('voice/calls/cs_1/play', body(world.behind.ids.legId()), key.secret);
  });

  itAnswers('call_unknown', 'for a call that the account never placed', async (world) => {
    const key = await world.key(await world.account());
    const callId = world.behind.ids.callId();
    return world.post(`voice/calls/${callId}/play`, body(world.behind.ids.legId()), key.secret);
  });

  itAnswers('call_not_live', 'for a call that is being hung up', async (world) => {
    const { key, callId, legId } = await answeredCall(world);
    await world.given(world.post(`voice/calls/${callId}/hangup`, {}, key.secret));
    return world.post(`voice/calls/${callId}/play`, body(legId), key.secret);
  });

  itAnswers('call_not_controllable', 'before the answer', async (world) => {
    const { key, callId, legId } = await answeredCall(world, { answered: false });
    return world.post(`voice/calls/${callId}/play`, body(legId), key.secret);
  });

  itAnswers('leg_not_found', 'for a leg of another call', async (world) => {
    const { key, callId } = await answeredCall(world);
    return world.post(`voice/calls/${callId}/play`, body(world.behind.ids.legId()), key.secret);
  });
});
