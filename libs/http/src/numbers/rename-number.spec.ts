import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { exampleNumber } from '@ringfence/testing/example-events';
import type { AccountId, NumberId } from '@ringfence/kernel/ids';
import { problemsOf } from '../route.contract.js';
import { RouteWorld } from '../route-world.contract.js';
import { addedNumber } from './number-world.contract.js';
import { RenameNumberController } from './rename-number.js';

const body = { name: 'Support line' };

describe('renaming a number', () => {
  const itAnswers = problemsOf(RenameNumberController);

  itAnswers('not_found', 'where an operator names a number that nobody added', (world) =>
    world.patch(`virtual-numbers/${world.behind.ids.numberId()}`, body),
  );

  itAnswers('number_unknown', 'where a key names a number that its account does not have', async (world) => {
    const numberId = await addedNumber(world, await world.account(), '+15005550170');
    const key = await world.key(await world.account());
    return world.patch(`virtual-numbers/${numberId}`, body, key.secret);
  });
});

describe('a renamed number', () => {
  let world: RouteWorld;
  let account: AccountId;
  let numberId: NumberId;
  beforeAll(async () => {
    world = await RouteWorld.start();
    account = await world.account();
    numberId = await addedNumber(world, account, '+15005550171');
  });
  afterAll(() => world.stop());

  it('is in the answer under its new name, to its account and to an operator', async () => {
    const key = await world.key(account);
    for (const secret of [key.secret, world.operator]) {
      const answer = await world.given(world.patch(`virtual-numbers/${numberId}`, body, secret));
      expect(answer).toMatchObject({
        id: numberId,
        account_id: account,
        ...body,
        number: '+15005550171',
        location: { country: 'US', kind: 'sandbox', locality: null },
        mode: exampleNumber.mode,
      });
    }
  });

  it('does not exist for a live key', async () => {
    const { secret } = await world.key(account, { mode: 'live' });
    expect(await world.patch(`virtual-numbers/${numberId}`, body, secret)).toMatchObject({
      status: 404,
      body: { code: 'number_unknown' },
    });
  });
});
