import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { problemsOf } from '../route.contract.js';
import { RouteWorld, sandboxCall } from '../route-world.contract.js';
import { CallEventSubscriptions, subscriptionLimits } from './call-event-subscriptions.js';
import { callOf, FollowedEvents } from './followed-events.contract.js';
import { StreamCallEventsController } from './stream-call-events.js';

const otherLog = 'log_01K9Z000000000000000000000:1';

describe('the stream of one call’s events', () => {
  const itAnswers = problemsOf(StreamCallEventsController);

  itAnswers('not_found', 'where no call has that id', (world) =>
    world.get(`voice/calls/${world.behind.ids.callId()}/events/stream`),
  );

  itAnswers('position_invalid', 'for a Last-Event-ID that no event had', (world) =>
    world.ask('GET', `voice/calls/${world.behind.ids.callId()}/events/stream`, undefined, {
      headers: { 'last-event-id': '7' },
    }),
  );

  itAnswers('position_of_other_log', 'for the event of another log', (world) =>
    world.ask('GET', `voice/calls/${world.behind.ids.callId()}/events/stream`, undefined, {
      headers: { 'last-event-id': otherLog },
    }),
  );

  itAnswers('too_many_waiting', 'where the account has as many streams as it may', async (world) => {
    const accountId = await world.account();
    const key = await world.key(accountId);
    const { callId } = await callOf(world, key);
    const all = world.app.get(CallEventSubscriptions, { strict: false });
    const open = () => all.open({ accountId, mode: null, callId, keyId: null }, accountId);
    const opened = Array.from({ length: subscriptionLimits.perAccountMax }, open);
    const answer = await world.get(`voice/calls/${callId}/events/stream`, key.secret);
    for (const each of opened) each?.close();
    return answer;
  });
});

describe('who follows a call', () => {
  let world: RouteWorld;
  let followed: FollowedEvents | undefined;
  beforeAll(async () => {
    world = await RouteWorld.start();
  });
  afterEach(() => followed?.close());
  afterAll(() => world.stop());

  it('gets what has happened, then what happens, once each and in order, until the call has ended', async () => {
    const key = await world.key(await world.account());
    const other = await callOf(world, key);
    const call = await callOf(world, key);
    await call.ring();
    followed = new FollowedEvents(world, `voice/calls/${call.callId}/events/stream`, key.secret);
    await followed.until(() => followed?.received.length === 2);
    await other.ring();
    await call.answer();
    await call.end();
    await followed.ended('call_ended');
    expect(followed.types).toEqual([
      ...['call.initiated', 'call.ringing', 'call.answered', 'call.completed'],
      'stream.closed',
    ]);
    const [initiated, , , completed] = followed.received;
    expect(initiated?.data).toMatchObject({
      call_id: call.callId,
      data: { from_number: sandboxCall.from_number, to_number: sandboxCall.to_number, erased: [], key_id: key.id },
    });
    expect(completed?.data).toMatchObject({
      type: 'call.completed',
      data: { reason: 'callee_hangup', ended_by: 'callee', talk_time_ms: 1_000 },
    });
    // The client connects again by itself, and the server has nothing more.
    await followed.until(() => followed?.isOver === true);
    expect(followed.statuses).toEqual([200, 204]);
    expect(followed.received).toHaveLength(5);
  });

  it('gets what the flow of the call does, and what is wrong with it and where', async () => {
    const key = await world.key(await world.account());
    const call = await callOf(world, key, { flow_url: 'https://example.com/flow' });
    followed = new FollowedEvents(world, `voice/calls/${call.callId}/events/stream`, key.secret);
    await call.answer();
    await call.replyWrongly();
    await call.end();
    await followed.ended('call_ended');
    expect(followed.types.slice(1)).toEqual([
      'call.answered',
      'call.flow_requested',
      'call.flow_failed',
      'call.hangup_requested',
      'call.completed',
      'stream.closed',
    ]);
    expect(followed.received[3]?.data).toMatchObject({
      data: {
        step: 1,
        code: 'member_invalid',
        action: 'stream',
        pointer: '/chunk_size',
        expected: 'is a whole number of milliseconds from 20 to 2000, and a multiple of 20',
        http_status: null,
      },
    });
  });

  it('continues after the event that it had last', async () => {
    const key = await world.key(await world.account());
    const call = await callOf(world, key);
    await call.ring();
    const first = new FollowedEvents(world, `voice/calls/${call.callId}/events/stream`, key.secret);
    await first.until(() => first.received.length === 2);
    first.close();
    await call.answer();
    followed = new FollowedEvents(world, `voice/calls/${call.callId}/events/stream`, key.secret, first.received[1]?.id);
    await followed.until(() => followed?.received.length === 1);
    await call.end();
    await followed.ended('call_ended');
    expect(followed.types).toEqual(['call.answered', 'call.completed', 'stream.closed']);
  });

  it('finds no such call with a key of the other mode, or of another account', async () => {
    const accountId = await world.account();
    const { callId } = await callOf(world, await world.key(accountId));
    const live = await world.key(accountId, { mode: 'live' });
    const other = await world.key(await world.account());
    for (const { secret } of [live, other])
      expect((await world.get(`voice/calls/${callId}/events/stream`, secret)).status).toBe(404);
  });

  it('leaves nothing behind when it goes', async () => {
    const accountId = await world.account();
    const key = await world.key(accountId);
    const call = await callOf(world, key);
    const all = world.app.get(CallEventSubscriptions, { strict: false });
    for (let time = 0; time < subscriptionLimits.perAccountMax + 1; time += 1) {
      const one = new FollowedEvents(world, `voice/calls/${call.callId}/events/stream`, key.secret);
      await one.until(() => one.received.length === 1 || one.statuses.some((status) => status !== 200));
      expect(one.statuses).toEqual([200]);
      one.close();
      while (all.countOf(accountId) > 0) await new Promise((resolve) => setImmediate(resolve));
    }
  });
});
