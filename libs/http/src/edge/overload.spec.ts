import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { AccountId } from '@ringfence/kernel/ids';
import { expectProblem } from '../route.contract.js';
import { type IssuedKey, RouteWorld, sandboxCall } from '../route-world.contract.js';
import { CommandBounds } from './command-bounds.js';

let world: RouteWorld;
let account: AccountId;
let key: IssuedKey;
const ends: (() => void)[] = [];

beforeAll(async () => {
  world = await RouteWorld.start();
  account = await world.account();
  key = await world.key(account);
});
afterAll(() => world.stop());
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

/** Begins as many commands of the account as may be in flight. */
function flooded(): void {
  const bounds = world.app.get(CommandBounds, { strict: false });
  for (let end = bounds.begin(account, false); end !== undefined; end = bounds.begin(account, false)) ends.push(end);
}
const place = (secret = key.secret) => world.post('calls/initiate', sandboxCall, secret);

describe('where too many commands of an account are in flight', () => {
  it('a further one is refused, and those like it before their keys are checked', async () => {
    flooded();
    const first = await place();
    expectProblem(first, 'overloaded');
    expect(await place()).toEqual(first);
    ends.pop()?.();
    expect((await place()).status).toBe(202);
  });

  it.each(['voice/calls/initiate', 'keys'])('the refusal says when to try again: %s', async (path) => {
    flooded();
    const url = `${await world.app.getUrl()}/api/v1/${path}`;
    for (let attempt = 0; attempt < 2; attempt += 1) {
      const { status, headers } = await fetch(url, { method: 'POST', headers: { 'x-api-key': key.secret } });
      expect([status, headers.get('retry-after')]).toEqual([503, '1']);
    }
  });

  it('other accounts and operators are served, and reads', async () => {
    const neighbour = await world.key(await world.account());
    flooded();
    expectProblem(await place(), 'overloaded');
    expect((await place(neighbour.secret)).status).toBe(202);
    expect((await world.post(`accounts/${account}/credit`, { mode: 'test', amount_micros: '1' })).status).toBe(200);
    expect((await world.get('voice/calls', key.secret)).status).toBe(200);
  });

  it('its own commands that end or take away something are served', async () => {
    const callId = await world.call(key);
    const leaked = await world.key(account);
    flooded();
    expectProblem(await place(), 'overloaded');
    expect((await world.post(`keys/${leaked.id}/revoke`, {}, key.secret)).status).toBe(200);
    expect((await world.post(`voice/calls/${callId}/hangup`, {}, key.secret)).status).toBe(200);
  });

  it('a key that was revoked meanwhile is refused as such once there is room', async () => {
    const leaked = await world.key(account);
    flooded();
    expectProblem(await place(leaked.secret), 'overloaded');
    await world.given(world.post(`keys/${leaked.id}/revoke`));
    ends.pop()?.();
    expectProblem(await place(leaked.secret), 'key_not_accepted');
  });
});

describe('the room of a command', () => {
  it.each([
    ['accepted', () => place(), 202],
    ['refused by its lane', () => world.post('calls/initiate', { ...sandboxCall, to_number: '+1' }, key.secret), 422],
    ['invalid', () => world.post('calls/initiate', { nonsense: 1 }, key.secret), 422],
    ['about nothing that there is', () => world.post('voice/calls/cs_1/hangup', {}, key.secret), 404],
  ])('is free again after one that was %s', async (_how, ask, status) => {
    flooded();
    ends.pop()?.();
    expect((await ask()).status).toBe(status);
    expect((await place()).status).toBe(202);
  });
});
