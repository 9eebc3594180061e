import { describe } from '@jest/globals';
import { problemsOf } from '../route.contract.js';
import { ListLegsController } from './list-legs.js';

describe('listing the legs of a call', () => {
  const itAnswers = problemsOf(ListLegsController);

  itAnswers('not_found', 'where no call has that id', (world) =>
    world.get(`voice/calls/${world.behind.ids.callId()}/legs`),
  );
});
