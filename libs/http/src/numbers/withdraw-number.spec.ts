import { describe } from '@jest/globals';
import { problemsOf } from '../route.contract.js';
import { addedNumber } from './number-world.contract.js';
import { WithdrawNumberController } from './withdraw-number.js';

describe('withdrawing a number', () => {
  const itAnswers = problemsOf(WithdrawNumberController);

  itAnswers('not_found', 'where the path names no number', async (world) =>
    world.post(`accounts/${await world.openedAccount()}/virtual-numbers/vn_1/withdraw`),
  );

  itAnswers('account_unknown', 'where no account has that id', (world) => {
    const { ids } = world.behind;
    return world.post(`accounts/${ids.accountId()}/virtual-numbers/${ids.numberId()}/withdraw`);
  });

  itAnswers('number_unknown', 'the second time', async (world) => {
    const account = await world.openedAccount();
    const path = `accounts/${account}/virtual-numbers/${await addedNumber(world, account, '+15005550180')}/withdraw`;
    await world.given(world.post(path));
    return world.post(path);
  });
});
