import { describe } from '@jest/globals';
import { problemsOf } from '../route.contract.js';
import { VerifyAccountController } from './verify-account.js';

describe('verifying an account', () => {
  const itAnswers = problemsOf(VerifyAccountController);

  itAnswers('not_found', 'where the path names no account', (world) => world.post('accounts/acc_1/verify'));

  itAnswers('account_unknown', 'where no account has that id', (world) =>
    world.post(`accounts/${world.behind.ids.accountId()}/verify`),
  );

  itAnswers('account_already_verified', 'the second time', async (world) =>
    world.post(`accounts/${await world.verifiedAccount()}/verify`),
  );

  itAnswers('account_suspended', 'for an account that was suspended before it was verified', async (world) => {
    const account = await world.openedAccount();
    await world.given(world.post(`accounts/${account}/suspend`, { reason: 'fraud' }));
    return world.post(`accounts/${account}/verify`);
  });
});
