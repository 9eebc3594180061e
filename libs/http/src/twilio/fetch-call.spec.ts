import { describe } from '@jest/globals';
import { problemsOf } from '../route.contract.js';
import { FetchTwilioCallController } from './fetch-call.js';
import { TwilioWorld } from './twilio-world.contract.js';

describe('fetching a call at Twilio’s doorway', () => {
  const itAnswers = problemsOf(FetchTwilioCallController);

  itAnswers('not_found', 'for a SID of no call', async (world) =>
    (await TwilioWorld.start(world)).ask('GET', `Calls/CA${'0'.repeat(32)}.json`),
  );
});
