import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { problemsOf } from '../route.contract.js';
import { RouteWorld } from '../route-world.contract.js';
import { queuedEvent } from './event-world.contract.js';
import { ListAttemptsController } from './list-attempts.js';

describe('listing the attempts to deliver an event', () => {
  const itAnswers = problemsOf(ListAttemptsController);

  itAnswers('not_found', 'to a key of another account', async (world) => {
    const { eventId } = await queuedEvent(world);
    const { secret } = await world.key(await world.account());
    return world.get(`events/${eventId}/attempts`, secret);
  });

  let world: RouteWorld;
  beforeAll(async () => {
    world = await RouteWorld.start();
  });
  afterAll(() => world.stop());

  it('shows status, error and latency of each, oldest first', async () => {
    const { eventId, key } = await queuedEvent(world);
    const attempt = {
      endpoint: 'status_callback',
      delivery: 1,
      attempted_at: expect.any(String),
      error: null,
      latency_ms: 12,
    };
    expect(await world.given(world.get(`events/${eventId}/attempts`, key.secret))).toEqual({
      ...{ next_cursor: null, previous_cursor: null, has_more: false },
      data: [
        { ...attempt, attempt: 1, status_code: 503 },
        { ...attempt, attempt: 2, status_code: 200 },
      ],
    });
  });
});
