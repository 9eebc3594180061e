import { describe } from '@jest/globals';
import { problemsOf } from '../route.contract.js';
import { AddCreditController } from './add-credit.js';

const payment = { mode: 'live', amount_micros: '1000000' };

describe('adding credit', () => {
  const itAnswers = problemsOf(AddCreditController);

  itAnswers('not_found', 'where the path names no account', (world) => world.post('accounts/acc_1/credit', payment));

  itAnswers('account_unknown', 'where no account has that id', (world) =>
    world.post(`accounts/${world.behind.ids.accountId()}/credit`, payment),
  );

  itAnswers('amount_invalid', 'for no money at all', async (world) =>
    world.post(`accounts/${await world.account()}/credit`, { ...payment, amount_micros: '0' }),
  );
});
