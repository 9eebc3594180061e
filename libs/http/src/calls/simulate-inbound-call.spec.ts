import { describe } from '@jest/globals';
import { addedNumber } from '../numbers/number-world.contract.js';
import { problemsOf } from '../route.contract.js';
import type { IssuedKey, RouteAnswer, RouteWorld } from '../route-world.contract.js';
import { SimulateInboundCallController } from './simulate-inbound-call.js';

const number = '+15005550177';

function ring(world: RouteWorld, key: IssuedKey, fields: object = {}): Promise<RouteAnswer> {
  const body = { from_number: '+15005550100', to_number: number, ...fields };
  return world.post('voice/sandbox/inbound-calls', body, key.secret);
}

describe('letting a caller of the sandbox ring', () => {
  const itAnswers = problemsOf(SimulateInboundCallController);

  itAnswers('validation_failed', 'for a caller with more patience than a carrier has', async (world) =>
    ring(world, await world.key(await world.account()), { gives_up_after_ms: 60_001 }),
  );

  itAnswers('presenter_not_allowed', 'to a live key', async (world) =>
    ring(world, await world.key(await world.account(), { mode: 'live' })),
  );

  itAnswers('number_unknown', 'for a number of another account', async (world) => {
    await addedNumber(world, await world.account(), number);
    return ring(world, await world.key(await world.account()));
  });

  itAnswers(
    'number_erased',
    'where a number was erased while the command was on its way to its decider',
    async (world) => {
      const key = await world.key(await world.account());
      const refusal = { code: 'number_erased', detail: 'A number was erased.' } as const;
      const outcome = { accepted: false, refusal, position: await world.behind.store.head(), replayed: false } as const;
      world.behind.beforeNext(() => Promise.resolve(outcome));
      return ring(world, key);
    },
  );
});
