import { describe } from '@jest/globals';
import { problemsOf } from '../route.contract.js';
import { ShowNumberController } from './show-number.js';

describe('explaining a number', () => {
  const itAnswers = problemsOf(ShowNumberController);

  itAnswers('not_found', 'where a key asks about another key', async (world) => {
    const account = await world.account();
    const key = await world.key(account);
    const other = await world.key(account);
    return world.get(`numbers/+15005550000?key_id=${other.id}`, key.secret);
  });

  itAnswers('validation_failed', 'to an operator who names no key', (world) => world.get('numbers/+15005550000'));
});
