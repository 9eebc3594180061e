import { describe } from '@jest/globals';
import { problemsOf } from '../route.contract.js';
import { ShowTrialBalanceController } from './show-trial-balance.js';

describe('showing the trial balance', () => {
  const itAnswers = problemsOf(ShowTrialBalanceController);

  itAnswers('not_found', 'where a key names another account than its own', async (world) => {
    const key = await world.key(await world.account());
    return world.get(`ledger/trial-balance?account_id=${await world.account()}`, key.secret);
  });
});
