import { describe } from '@jest/globals';
import { problemsOf } from '../route.contract.js';
import { UnassignNumbersController } from './unassign-numbers.js';

describe('unassigning numbers', () => {
  const itAnswers = problemsOf(UnassignNumbersController);

  itAnswers('validation_failed', 'where no number is named', async (world) => {
    const { secret } = await world.key(await world.account());
    return world.post('virtual-numbers/unassign', {}, secret);
  });

  itAnswers('number_unknown', 'where the account does not have a number', async (world) => {
    const { secret } = await world.key(await world.account());
    return world.post('virtual-numbers/unassign', { vn_ids: ['vn_01K9Z000000000000000000000'] }, secret);
  });

  itAnswers('no_numbers_selected', 'where the account has no number at all', async (world) => {
    const { secret } = await world.key(await world.account());
    return world.post('virtual-numbers/unassign', { apply_to_all: true }, secret);
  });
});
