import { describe } from '@jest/globals';
import { addedNumber } from '../numbers/number-world.contract.js';
import { problemsOf } from '../route.contract.js';
import { EraseSubjectController } from './erase-subject.js';

describe('erasing a personal value', () => {
  const itAnswers = problemsOf(EraseSubjectController);

  itAnswers('not_found', 'where a key names another account than its own', async (world) => {
    const key = await world.key(await world.account(), { mode: 'live' });
    return world.post(`accounts/${await world.account()}/subjects/erase`, { value: 'Example Inc' }, key.secret);
  });

  itAnswers('account_unknown', 'where no account has that id', (world) =>
    world.post(`accounts/${world.behind.ids.accountId()}/subjects/erase`, { value: 'Example Inc' }),
  );

  itAnswers('subject_unknown', 'for a value that the account never sent', async (world) =>
    world.post(`accounts/${await world.account()}/subjects/erase`, { value: '+15005550199' }),
  );

  itAnswers('subject_in_use', 'for a number that the account has', async (world) => {
    const account = await world.account();
    await addedNumber(world, account, '+15005550142');
    return world.post(`accounts/${account}/subjects/erase`, { value: '+15005550142' });
  });
});
