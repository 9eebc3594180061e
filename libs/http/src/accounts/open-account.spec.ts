import { describe } from '@jest/globals';
import { disputedZone } from '@ringfence/testing/gateway-world';
import { problemsOf } from '../route.contract.js';
import { OpenAccountController } from './open-account.js';
import type { RouteAnswer, RouteWorld } from '../route-world.contract.js';

function open(fields: object): (world: RouteWorld) => Promise<RouteAnswer> {
  return (world) => world.post('accounts', { name: 'Example Inc', currency: 'USD', ...fields });
}

describe('opening an account', () => {
  const itAnswers = problemsOf(OpenAccountController);

  itAnswers('currency_invalid', 'for letters that are no currency', open({ currency: 'AAA' }));

  itAnswers('currency_without_deck', 'for a currency that nothing is priced in', open({ currency: 'CHF' }));

  itAnswers('time_zone_invalid', 'for a name that is no zone', open({ time_zone: 'Mars/Olympus' }));

  itAnswers('time_zone_disputed', 'for a zone that the database reads differently', open({ time_zone: disputedZone }));
});
