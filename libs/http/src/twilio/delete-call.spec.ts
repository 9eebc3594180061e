import { describe } from '@jest/globals';
import { problemsOf } from '../route.contract.js';
import { DeleteTwilioCallController } from './delete-call.js';
import { TwilioWorld } from './twilio-world.contract.js';
import { showCall } from './shown-call.contract.js';

describe('deleting a call at Twilio’s doorway', () => {
  const itAnswers = problemsOf(DeleteTwilioCallController);

  itAnswers('not_found', 'for a SID of no call', async (world) =>
    (await TwilioWorld.start(world)).ask('DELETE', `Calls/CA${'0'.repeat(32)}.json`),
  );

  itAnswers('method_not_allowed', 'for a call: the log keeps it', async (world) => {
    const twilio = await TwilioWorld.start(world);
    const sid = await showCall(world, twilio, { state: 'completed' });
    return twilio.ask('DELETE', `Calls/${sid}.json`);
  });
});
