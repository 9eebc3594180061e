import { describe } from '@jest/globals';
import { position } from '@ringfence/kernel/units';
import { problemsOf } from '../route.contract.js';
import type { RouteAnswer, RouteWorld } from '../route-world.contract.js';
import { AddNumberController } from './add-number.js';

async function add(world: RouteWorld, number: string): Promise<RouteAnswer> {
  return world.post('inventory/numbers', { number, account_id: await world.openedAccount() });
}

describe('adding a number', () => {
  const itAnswers = problemsOf(AddNumberController);

  itAnswers('number_invalid', 'for a number that no plan allows', (world) => add(world, '+4402079460018'));

  itAnswers('number_range_unknown', 'for a number in no known range', (world) => add(world, '+15651234567'));

  itAnswers('number_already_added', 'where an account has it', async (world) => {
    await world.given(add(world, '+15005550150'));
    return add(world, '+15005550150');
  });

  itAnswers('numbers_exhausted', 'where the account has as many as it may', (world) => {
    const refusal = { code: 'numbers_exhausted', detail: 'An account has at most 10000 numbers.' } as const;
    world.behind.beforeNext(({ payload }) =>
      Promise.resolve(
        payload.type === 'AddNumber' ? { accepted: false, position: position(0), refusal, replayed: false } : undefined,
      ),
    );
    return world.post('inventory/numbers', { number: '+15005550151', account_id: world.behind.ids.accountId() });
  });
});
