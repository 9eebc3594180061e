import { describe } from '@jest/globals';
import { problemsOf } from '../route.contract.js';
import { ShowAuthorizationController } from './show-authorization.js';

describe('showing who authorised a call', () => {
  const itAnswers = problemsOf(ShowAuthorizationController);

  itAnswers('not_found', 'where no call has that id', (world) =>
    world.get(`voice/calls/${world.behind.ids.callId()}/authorization`),
  );
});
