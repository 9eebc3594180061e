import { describe } from '@jest/globals';
import { problemsOf } from '../route.contract.js';
import { ShowRateController } from './show-rate.js';

describe('showing a rate', () => {
  const itAnswers = problemsOf(ShowRateController);

  itAnswers('not_found', 'where no account has that id', (world) =>
    world.get(`rates?number=%2B15005550000&account_id=${world.behind.ids.accountId()}`),
  );

  itAnswers('validation_failed', 'to an operator who names no account', (world) =>
    world.get('rates?number=%2B15005550000'),
  );
});
