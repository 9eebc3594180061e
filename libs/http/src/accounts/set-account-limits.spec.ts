import { describe } from '@jest/globals';
import { problemsOf } from '../route.contract.js';
import { SetAccountLimitsController } from './set-account-limits.js';

const sixLines = { mode: 'test', lines_max: 6 };

describe('setting the limits of an account', () => {
  const itAnswers = problemsOf(SetAccountLimitsController);

  itAnswers('not_found', 'where a key names another account than its own', async (world) => {
    const key = await world.key(await world.account(), { mode: 'live' });
    return world.patch(`accounts/${await world.account()}/limits`, sixLines, key.secret);
  });

  itAnswers('mode_not_allowed', 'to a test key', async (world) => {
    const account = await world.account();
    const key = await world.key(account, { mode: 'test' });
    return world.patch(`accounts/${account}/limits`, sixLines, key.secret);
  });

  itAnswers('account_unknown', 'where no account has that id', (world) =>
    world.patch(`accounts/${world.behind.ids.accountId()}/limits`, sixLines),
  );

  itAnswers('limits_not_approved', 'to a key that sets more than an operator has set', async (world) => {
    const account = await world.account();
    await world.given(world.patch(`accounts/${account}/limits`, { mode: 'test', lines_max: 5 }));
    const key = await world.key(account, { mode: 'live' });
    return world.patch(`accounts/${account}/limits`, sixLines, key.secret);
  });
});
