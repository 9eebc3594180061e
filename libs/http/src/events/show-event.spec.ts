import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { problemsOf } from '../route.contract.js';
import { RouteWorld } from '../route-world.contract.js';
import { queuedEvent } from './event-world.contract.js';
import { ShowEventController } from './show-event.js';

describe('showing an event', () => {
  const itAnswers = problemsOf(ShowEventController);

  itAnswers('not_found', 'to a key of another account', async (world) => {
    const { eventId } = await queuedEvent(world);
    const { secret } = await world.key(await world.account());
    return world.get(`events/${eventId}`, secret);
  });

  let world: RouteWorld;
  beforeAll(async () => {
    world = await RouteWorld.start();
  });
  afterAll(() => world.stop());

  it('has Teler’s fields, and the body as it would be sent', async () => {
    const { eventId, callId, key } = await queuedEvent(world);
    expect(await world.given(world.get(`events/${eventId}`, key.secret))).toMatchObject({
      ...{ id: eventId, call_id: callId, sip_trunk_id: null, leg_id: expect.stringMatching(/^cl_/), mode: 'test' },
      ...{ type: 'call.initiated', api_version: '2026-06-01', delivery_status: 'delivered', attempt_count: 2 },
      ...{ last_status_code: 200, last_error: null, delivered_at: expect.any(String), created_at: expect.any(String) },
      payload: { id: eventId, type: 'call.initiated', sequence: 0, data: { to_number: '+15005550006', erased: [] } },
    });
  });

  it('is hidden from keys of the other mode, and not found by what is no id', async () => {
    const account = await world.account();
    const { eventId } = await queuedEvent(world, 'delivered', account);
    const { secret } = await world.key(account, { mode: 'live' });
    expect(await world.get(`events/${eventId}`, secret)).toMatchObject({ status: 404 });
    expect(await world.get('events/evt_1', secret)).toMatchObject({ status: 404 });
  });
});
