import { describe } from '@jest/globals';
import { problemsOf } from '../route.contract.js';
import { SuspendAccountController } from './suspend-account.js';

const reason = { reason: 'requested' };

describe('suspending an account', () => {
  const itAnswers = problemsOf(SuspendAccountController);

  itAnswers('not_found', 'where a key names another account than its own', async (world) => {
    const key = await world.key(await world.account(), { mode: 'live' });
    return world.post(`accounts/${await world.account()}/suspend`, reason, key.secret);
  });

  itAnswers('account_unknown', 'where no account has that id', (world) =>
    world.post(`accounts/${world.behind.ids.accountId()}/suspend`, reason),
  );

  itAnswers('account_already_suspended', 'the second time', async (world) => {
    const account = await world.account();
    await world.given(world.post(`accounts/${account}/suspend`, reason));
    return world.post(`accounts/${account}/suspend`, reason);
  });
});
