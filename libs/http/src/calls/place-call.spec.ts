import { describe } from '@jest/globals';
import { problemsOf } from '../route.contract.js';
import { PlaceCallController } from './place-call.js';
import { addedNumber } from '../numbers/number-world.contract.js';
import { type RouteAnswer, type IssuedKey, type RouteWorld, sandboxApp, sandboxCall } from '../route-world.contract.js';

function place(world: RouteWorld, key: IssuedKey, fields: object = {}): Promise<RouteAnswer> {
  return world.post('calls/initiate', { ...sandboxCall, ...fields }, key.secret);
}

/** A key, and an app that has the number. */
async function withApp(world: RouteWorld, number: string): Promise<{ readonly key: IssuedKey; readonly id: string }> {
  const account = await world.account();
  const key = await world.key(account);
  const vn_ids = [await addedNumber(world, account, number)];
  const { id } = await world.given(world.post('voice/apps', { ...sandboxApp, vn_ids }, key.secret));
  return { key, id: String(id) };
}

describe('placing a call', () => {
  const itAnswers = problemsOf(PlaceCallController);

  itAnswers('account_not_verified', 'for an account that was only opened', async (world) =>
    place(world, await world.key(await world.openedAccount())),
  );

  itAnswers('account_suspended', 'for a suspended account', async (world) => {
    const account = await world.account();
    const key = await world.key(account);
    await world.given(world.post(`accounts/${account}/suspend`, { reason: 'fraud' }));
    return place(world, key);
  });

  itAnswers('number_invalid', 'for a number that is too short for its country', async (world) =>
    place(world, await world.key(await world.account()), { to_number: '+15550000' }),
  );

  itAnswers(
    'number_erased',
    'where a number was erased while the command was on its way to its decider',
    async (world) => {
      const key = await world.key(await world.account());
      const refusal = { code: 'number_erased', detail: 'A number was erased.' } as const;
      const outcome = { accepted: false, refusal, position: await world.behind.store.head(), replayed: false } as const;
      world.behind.beforeNext(() => Promise.resolve(outcome));
      return place(world, key);
    },
  );

  itAnswers('caller_number_not_allowed', 'for a caller number that the policy does not name', async (world) =>
    place(world, await world.key(await world.account(), { caller_numbers: ['+15005550199'] })),
  );

  itAnswers('number_range_unknown', 'for a range that no numbering plan knows', async (world) =>
    place(world, await world.key(await world.account()), { to_number: '+15655550123' }),
  );

  itAnswers('destination_not_allowed', 'for a destination that the policy does not name', async (world) =>
    place(world, await world.key(await world.account(), { destination_prefixes: ['GB'] })),
  );

  itAnswers('voice_app_inactive', 'where the caller number’s app is inactive', async (world) => {
    const { key, id } = await withApp(world, '+15005550147');
    await world.given(world.patch(`voice/apps/${id}`, { status: 'inactive' }, key.secret));
    return place(world, key, { from_number: '+15005550147' });
  });

  itAnswers('app_channels_exhausted', 'where the caller number’s app has as many calls as it may', async (world) => {
    const { key, id } = await withApp(world, '+15005550148');
    await world.given(world.patch(`voice/apps/${id}`, { channel_limit: 1 }, key.secret));
    await world.given(place(world, key, { from_number: '+15005550148' }));
    return place(world, key, { from_number: '+15005550148' });
  });

  itAnswers('rate_limited', 'for a second call in the same moment', async (world) => {
    const key = await world.key(await world.account(), { calls_per_second: 1, burst_calls: 1 });
    await world.call(key);
    return place(world, key);
  });

  itAnswers('lines_exhausted', 'where every line is in use', async (world) => {
    const key = await world.key(await world.account(), { lines_max: 1 });
    await world.call(key);
    return place(world, key);
  });

  itAnswers('key_cap_reached', 'after the last call of the key’s life', async (world) => {
    const key = await world.key(await world.account(), { calls_max: 1 });
    await world.call(key);
    return place(world, key);
  });

  itAnswers('daily_spend_exceeded', 'where the day’s spend does not cover the least charge', async (world) =>
    place(world, await world.key(await world.account(), { daily_spend_micros_max: '1' })),
  );

  itAnswers('balance_insufficient', 'without credit', async (world) =>
    place(world, await world.key(await world.verifiedAccount())),
  );

  itAnswers('no_route', 'where no trunk takes live calls', async (world) =>
    place(world, await world.key(await world.account(), { mode: 'live' }), { to_number: '+442079460123' }),
  );
});
