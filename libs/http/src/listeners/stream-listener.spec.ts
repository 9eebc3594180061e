import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { callOf, FollowedEvents } from '../calls/followed-events.contract.js';
import { CallEventSubscriptions, subscriptionLimits } from '../calls/call-event-subscriptions.js';
import { problemsOf } from '../route.contract.js';
import { RouteWorld } from '../route-world.contract.js';
import { StreamListenerController } from './stream-listener.js';

const path = 'listener/stream';

describe('the stream of a listener', () => {
  const itAnswers = problemsOf(StreamListenerController);

  itAnswers('mode_not_allowed', 'to a live key', async (world) =>
    world.get(path, (await world.key(await world.account(), { mode: 'live' })).secret),
  );

  itAnswers('position_invalid', 'for a Last-Event-ID that no event had', async (world) => {
    const { secret: key } = await world.key(await world.account());
    return world.ask('GET', path, undefined, { key, headers: { 'last-event-id': '7' } });
  });

  itAnswers('position_of_other_log', 'for the event of another log', async (world) => {
    const { secret: key } = await world.key(await world.account());
    const headers = { 'last-event-id': 'log_01K9Z000000000000000000000:1' };
    return world.ask('GET', path, undefined, { key, headers });
  });

  itAnswers('too_many_waiting', 'where the account has as many streams as it may', async (world) => {
    const accountId = await world.account();
    const { secret } = await world.key(accountId);
    const all = world.app.get(CallEventSubscriptions, { strict: false });
    const open = () => all.open({ accountId, mode: 'test', callId: null, keyId: null }, accountId);
    const opened = Array.from({ length: subscriptionLimits.perAccountMax }, open);
    const answer = await world.get(path, secret);
    for (const each of opened) each?.close();
    return answer;
  });
});

describe('a listener', () => {
  let world: RouteWorld;
  let listening: FollowedEvents | undefined;
  beforeAll(async () => {
    world = await RouteWorld.start();
  });
  afterEach(() => listening?.close());
  afterAll(() => world.stop());

  const listen = async (secret: string): Promise<FollowedEvents> => {
    const followed = new FollowedEvents(world, path, secret);
    listening = followed;
    await followed.until(() => followed.statuses.length === 1);
    return followed;
  };

  it('gets the webhooks of its key’s calls in order, and none of another key of the account', async () => {
    const accountId = await world.account();
    const [key, other] = [await world.key(accountId), await world.key(accountId)];
    const followed = await listen(key.secret);
    await callOf(world, other);
    const call = await callOf(world, key);
    await call.ring();
    await call.answer();
    await call.end();
    await followed.until(() => followed.received.length === 4);
    expect(followed.received.map(({ type, data }) => [type, data['type'], data['call_id'], data['sequence']])).toEqual(
      ['call.initiated', 'call.ringing', 'call.answered', 'call.completed'].map((type, sequence) => [
        ...['webhook', type, call.callId],
        sequence,
      ]),
    );
    const [first] = followed.received.map(({ data }) => JSON.parse(String(data['body'])) as Record<string, unknown>);
    expect(first).toMatchObject({
      api_version: '2026-06-01',
      account_id: accountId,
      voice_app_id: null,
      sequence: 0,
      data: { from_number: '+15005550100', key_id: key.id },
    });
  });

  it('gets the requests of flows at listener.invalid alone', async () => {
    const key = await world.key(await world.account());
    const followed = await listen(key.secret);
    const isFlowRequest = ({ type }: { readonly type: string }) => type === 'flow_request';
    const elsewhere = await callOf(world, key, { flow_url: 'https://example.com/flow' });
    await elsewhere.answer();
    const call = await callOf(world, key, { flow_url: 'https://LISTENER.invalid/flow?a=1' });
    await call.answer();
    await followed.until(() => followed.received.some(isFlowRequest));
    const requests = followed.received.filter(isFlowRequest);
    expect(requests.map(({ data }) => data)).toEqual([
      {
        id: `${call.callId}_1`,
        call_id: call.callId,
        step: 1,
        url: 'https://LISTENER.invalid/flow?a=1',
        answer_before: new Date(world.behind.clock.now() + 15_000).toISOString(),
        body: expect.any(String),
      },
    ]);
    expect(JSON.parse(String(requests[0]?.data['body']))).toMatchObject({ call_id: call.callId, reason: 'answered' });
  });

  it('is cut off when its key is revoked', async () => {
    const key = await world.key(await world.account());
    const followed = await listen(key.secret);
    await world.given(world.post(`keys/${key.id}/revoke`));
    await world.behind.catchUp();
    await followed.ended('key_not_accepted');
    await followed.until(() => followed.isOver);
    expect(followed.statuses).toEqual([200, 401]);
  });
});
