import { describe } from '@jest/globals';
import { disputedZone } from '@ringfence/testing/gateway-world';
import { problemsOf } from '../route.contract.js';
import { ChangeTimeZoneController } from './change-time-zone.js';

const berlin = { time_zone: 'Europe/Berlin' };

describe('changing the time zone of an account', () => {
  const itAnswers = problemsOf(ChangeTimeZoneController);

  itAnswers('not_found', 'where a key names another account than its own', async (world) => {
    const key = await world.key(await world.account(), { mode: 'live' });
    return world.post(`accounts/${await world.account()}/time-zone`, berlin, key.secret);
  });

  itAnswers('mode_not_allowed', 'to a test key', async (world) => {
    const account = await world.account();
    const key = await world.key(account, { mode: 'test' });
    return world.post(`accounts/${account}/time-zone`, berlin, key.secret);
  });

  itAnswers('account_unknown', 'where no account has that id', (world) =>
    world.post(`accounts/${world.behind.ids.accountId()}/time-zone`, berlin),
  );

  itAnswers('time_zone_invalid', 'for a name that is no zone', async (world) =>
    world.post(`accounts/${await world.account()}/time-zone`, { time_zone: 'Mars/Olympus' }),
  );

  itAnswers('time_zone_disputed', 'for a zone that the database reads differently', async (world) =>
    world.post(`accounts/${await world.account()}/time-zone`, { time_zone: disputedZone }),
  );

  itAnswers('time_zone_unchanged', 'for the zone that the account has', async (world) =>
    world.post(`accounts/${await world.account()}/time-zone`, { time_zone: 'UTC' }),
  );
});
