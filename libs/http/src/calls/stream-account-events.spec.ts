import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { FastifyRequest } from 'fastify';
import { readLimitMax } from '@ringfence/ports/log/event-store';
import { position } from '@ringfence/kernel/units';
import { AccessGuard } from '../edge/access.js';
import { problemsOf } from '../route.contract.js';
import { type IssuedKey, RouteWorld } from '../route-world.contract.js';
import { CallEventSubscriptions, subscriptionLimits } from './call-event-subscriptions.js';
import { callOf, FollowedEvents } from './followed-events.contract.js';
import { StreamAccountEventsController } from './stream-account-events.js';

const path = 'voice/calls/events/stream';
const otherLog = 'log_01K9Z000000000000000000000:1';

describe('the stream of an account’s call events', () => {
  const itAnswers = problemsOf(StreamAccountEventsController);

  itAnswers('not_found', 'for another account', async (world) => {
    const { secret } = await world.key(await world.account());
    return world.get(`${path}?account_id=${world.behind.ids.accountId()}`, secret);
  });

  itAnswers('position_invalid', 'for a Last-Event-ID that no event had', async (world) => {
    const { secret: key } = await world.key(await world.account());
    return world.ask('GET', path, undefined, { key, headers: { 'last-event-id': '7' } });
  });

  itAnswers('position_of_other_log', 'for the event of another log', async (world) => {
    const { secret: key } = await world.key(await world.account());
    return world.ask('GET', path, undefined, { key, headers: { 'last-event-id': otherLog } });
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

describe('who follows the calls of an account', () => {
  let world: RouteWorld;
  let followed: FollowedEvents | undefined;
  beforeAll(async () => {
    world = await RouteWorld.start();
    // The audit trail, in memory: positions of one stream.
    world.behind.rowsOf = (sql, [stream, from, count]) =>
      sql.includes('audit_trail.event') ? positions(stream, from, count) : [];
  });
  afterEach(() => followed?.close());
  afterAll(() => world.stop());

  let log: readonly { readonly position: number; readonly stream: string }[] = [];
  const readLog = async () => {
    log = await world.behind.store.readAll(position(0), readLimitMax);
  };
  function positions(stream: unknown, from: unknown, count: unknown): readonly object[] {
    const own = log.filter((event) => event.stream === stream && event.position >= Number(from));
    return own.slice(0, Number(count)).map((event) => ({ position: String(event.position) }));
  }

  it('gets the events of all its calls from now on, and none of other accounts or of the other mode', async () => {
    const accountId = await world.account();
    const key = await world.key(accountId);
    const live = await world.key(accountId, { mode: 'live' });
    const strange = await world.key(await world.account());
    await callOf(world, key);
    followed = new FollowedEvents(world, path, key.secret);
    const liveOnly = new FollowedEvents(world, path, live.secret);
    await followed.until(() => followed?.statuses.length === 1);
    await liveOnly.until(() => liveOnly.statuses.length === 1);
    await callOf(world, strange);
    const [one, two] = [await callOf(world, key), await callOf(world, key)];
    await two.ring();
    await one.ring();
    await followed.until(() => followed?.received.length === 4);
    const seen = followed.received.map(({ type, data }) => [type, data['call_id']]);
    expect(seen).toEqual([
      ['call.initiated', one.callId],
      ['call.initiated', two.callId],
      ['call.ringing', two.callId],
      ['call.ringing', one.callId],
    ]);
    expect(liveOnly.received).toEqual([]);
    liveOnly.close();
  });

  it('continues after the event that it had last, over any number of events in between', async () => {
    const key = await world.key(await world.account());
    followed = new FollowedEvents(world, path, key.secret);
    await followed.until(() => followed?.statuses.length === 1);
    const first = await callOf(world, key);
    await followed.until(() => followed?.received.length === 1);
    followed.close();
    const missed = [];
    for (let nth = 0; nth < 150; nth += 1) missed.push((await callOf(world, key)).callId);
    await readLog();
    const again = new FollowedEvents(world, path, key.secret, followed.received[0]?.id);
    await again.until(() => again.received.length === 150);
    const next = await callOf(world, key);
    await again.until(() => again.received.length === 151);
    expect(again.received.map(({ data }) => data['call_id'])).toEqual([...missed, next.callId]);
    expect(again.received.map(({ data }) => data['call_id'])).not.toContain(first.callId);
    again.close();
  });

  it('is cut off when its key is revoked, and gets nothing that happens after', async () => {
    const accountId = await world.account();
    const [key, other] = [await world.key(accountId), await world.key(accountId)];
    followed = new FollowedEvents(world, path, key.secret);
    await followed.until(() => followed?.statuses.length === 1);
    await world.given(world.post(`keys/${key.id}/revoke`));
    await world.behind.catchUp();
    await followed.ended('key_not_accepted');
    await callOf(world, other);
    await followed.until(() => followed?.isOver === true);
    expect(followed.types).toEqual(['stream.closed']);
    expect(followed.statuses).toEqual([200, 401]);
  });

  it('is admitted no longer than its key would be: until it expires or loses the scope', async () => {
    const accountId = await world.account();
    const expires_at = new Date(world.behind.clock.now() + 60_000).toISOString();
    const [shortLived, narrowed] = [await world.key(accountId, { expires_at }), await world.key(accountId)];
    await world.behind.catchUp();
    const guard = world.app.get(AccessGuard, { strict: false });
    const admitted = ({ secret }: IssuedKey) => {
      const request = { url: path, headers: { 'x-api-key': secret }, raw: { rawHeaders: ['x-api-key', secret] } };
      return guard.stillAdmits(request as unknown as FastifyRequest, 'calls:read');
    };
    expect([admitted(shortLived), admitted(narrowed)]).toEqual([true, true]);
    await world.given(world.patch(`keys/${narrowed.id}/policy`, { scopes: ['keys:read'] }));
    world.behind.clock.advance(60_000);
    await world.behind.catchUp();
    expect([admitted(shortLived), admitted(narrowed)]).toEqual([false, false]);
  });

  it('is asked to connect again where the process stops', async () => {
    const stopped = await RouteWorld.start();
    const key = await stopped.key(await stopped.account());
    const one = new FollowedEvents(stopped, path, key.secret);
    await one.until(() => one.statuses.length === 1);
    const stop = stopped.stop();
    await one.ended('stopping');
    one.close();
    await stop;
  });

  it('gets the headers alone for HEAD', async () => {
    const { secret } = await world.key(await world.account());
    await world.behind.catchUp();
    const answer = await fetch(`${world.url}/api/v1/${path}`, { method: 'HEAD', headers: { 'x-api-key': secret } });
    expect([answer.status, await answer.text()]).toEqual([200, '']);
  });
});
