import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { problemsOf } from '../route.contract.js';
import { RouteWorld } from '../route-world.contract.js';
import { queuedEvent } from './event-world.contract.js';
import { RedeliverEventController } from './redeliver-event.js';

const days = 24 * 3_600_000;

describe('delivering an event again', () => {
  const itAnswers = problemsOf(RedeliverEventController);

  itAnswers('not_found', 'to a key of another account', async (world) => {
    const { eventId } = await queuedEvent(world);
    const { secret } = await world.key(await world.account());
    return world.post(`events/${eventId}/redeliver`, undefined, secret);
  });

  itAnswers('event_not_redeliverable', 'while it is pending', async (world) => {
    const { eventId, key } = await queuedEvent(world, 'pending');
    return world.post(`events/${eventId}/redeliver`, undefined, key.secret);
  });

  itAnswers('event_too_old', 'after 30 days', async (world) => {
    const { eventId, key } = await queuedEvent(world);
    world.behind.clock.advance(30 * days + 1);
    return world.post(`events/${eventId}/redeliver`, undefined, key.secret);
  });

  let world: RouteWorld;
  beforeAll(async () => {
    world = await RouteWorld.start();
  });
  afterAll(() => world.stop());

  it('is accepted, whatever became of it', async () => {
    for (const state of ['delivered', 'failed_permanent'] as const) {
      const { eventId, key } = await queuedEvent(world, state);
      const answer = await world.post(`events/${eventId}/redeliver`, undefined, key.secret);
      expect(answer).toMatchObject({
        status: 202,
        body: { event_id: eventId, redelivered_at: expect.any(String) },
      });
    }
  });
});
