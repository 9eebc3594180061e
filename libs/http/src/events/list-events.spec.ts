import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { problemsOf } from '../route.contract.js';
import { RouteWorld } from '../route-world.contract.js';
import { queuedEvent } from './event-world.contract.js';
import { ListEventsController } from './list-events.js';

describe('listing events', () => {
  const itAnswers = problemsOf(ListEventsController);

  itAnswers('cursor_invalid', 'to a cursor that no answer gave', (world) =>
    world.get(`events?account_id=${world.behind.ids.accountId()}&type=call.ringing&cursor_after=bm9uc2Vuc2U`),
  );

  itAnswers('not_found', 'to a key that names another account', async (world) => {
    const { secret } = await world.key(await world.account());
    return world.get(`events?account_id=${await world.openedAccount()}`, secret);
  });

  let world: RouteWorld;
  beforeAll(async () => {
    world = await RouteWorld.start();
  });
  afterAll(() => world.stop());

  it('asks the queue for what the filter says', async () => {
    const { eventId, callId, key } = await queuedEvent(world);
    const { rowsOf } = world.behind;
    let asked: readonly unknown[] = [];
    world.behind.rowsOf = (sql, params) => {
      if (sql.includes('webhook.delivery')) asked = params;
      return rowsOf(sql, params);
    };
    const moment = '2026-01-01T00:00:00Z';
    const filter = `call_id=${callId}&type=call.ringing&occurred_after=${moment}&delivery_status=pending&limit=7`;
    const listed = await world.given(world.get(`events?${filter}`, key.secret));
    expect(listed).toMatchObject({ data: [{ id: eventId }], next_cursor: null, has_more: false });
    expect(asked.slice(1)).toEqual(['test', null, callId, 'call.ringing', Date.parse(moment), 'pending', 8]);
  });
});
