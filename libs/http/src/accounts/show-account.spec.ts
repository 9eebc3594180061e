import { describe } from '@jest/globals';
import { problemsOf } from '../route.contract.js';
import { ShowAccountController } from './show-account.js';

describe('showing an account', () => {
  const itAnswers = problemsOf(ShowAccountController);

  itAnswers('not_found', 'where no account has that id', (world) =>
    world.get(`accounts/${world.behind.ids.accountId()}`),
  );
});
