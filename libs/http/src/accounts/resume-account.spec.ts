import { describe } from '@jest/globals';
import { problemsOf } from '../route.contract.js';
import { ResumeAccountController } from './resume-account.js';

describe('resuming an account', () => {
  const itAnswers = problemsOf(ResumeAccountController);

  itAnswers('not_found', 'where the path names no account', (world) => world.post('accounts/acc_1/resume'));

  itAnswers('account_unknown', 'where no account has that id', (world) =>
    world.post(`accounts/${world.behind.ids.accountId()}/resume`),
  );

  itAnswers('account_not_suspended', 'for an account that may call', async (world) =>
    world.post(`accounts/${await world.account()}/resume`),
  );
});
