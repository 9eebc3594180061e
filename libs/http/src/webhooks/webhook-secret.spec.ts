import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { AccountId } from '@ringfence/kernel/ids';
import { position } from '@ringfence/kernel/units';
import { type RouteAnswer, RouteWorld } from '../route-world.contract.js';

let world: RouteWorld;
let account: AccountId;
let key: string;
beforeAll(async () => {
  world = await RouteWorld.start();
});
afterAll(() => world.stop());
beforeEach(async () => {
  account = await world.account();
  ({ secret: key } = await world.key(account));
});

const created = (name: string) => world.given(world.post('secrets', { name }, key));
const days = 24 * 3_600_000;

describe('the routes of webhook secrets', () => {
  it('show a value of 24 random bytes, once', async () => {
    const secret = await created('Orders');
    expect(secret).toMatchObject({
      id: expect.stringMatching(/^sec_/),
      account_id: account,
      mode: 'test',
      name: 'Orders',
      secret_value: expect.stringMatching(/^whsec_[A-Za-z0-9+/]{32}$/),
      secret_already_shown: false,
      rotated_at: null,
      overlap_until: null,
      needs_rotation: false,
    });
    expect((await created('Orders'))['secret_value']).not.toBe(secret['secret_value']);
  });

  it('give a repeated command its first answer, without the value', async () => {
    const headers = { 'idempotency-key': 'one secret' };
    const ask = (method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: object): Promise<RouteAnswer['body']> =>
      world.given(world.ask(method, path, body, { key, headers }));
    const first = await ask('POST', 'secrets', { name: 'Orders' });
    const again = await ask('POST', 'secrets', { name: 'Orders' });
    expect(again).toEqual({ ...first, secret_value: null, secret_already_shown: true });

    headers['idempotency-key'] = 'one rotation';
    const path = `secrets/${String(first['id'])}`;
    const rotated = await ask('PATCH', path, { rotate: true, name: 'Billing' });
    expect(rotated).toMatchObject({ name: 'Billing', secret_value: expect.stringMatching(/^whsec_/) });
    const gone = { ...headers, 'idempotency-key': 'one deletion' };
    const remove = () => world.given(world.ask('DELETE', path, undefined, { key, headers: gone }));
    expect(await remove()).toEqual({ success: true, message: expect.any(String) });
    expect(await remove()).toMatchObject({ success: true });
    const later = await ask('PATCH', path, { rotate: true, name: 'Billing' });
    expect(later).toEqual({ ...rotated, secret_value: null, secret_already_shown: true });
  });

  it('rename without a new value, and rotate with an overlap of a day unless another is asked for', async () => {
    const { id } = await created('Orders');
    const renamed = await world.given(world.patch(`secrets/${String(id)}`, { name: 'Billing', rotate: false }, key));
    expect(renamed).toMatchObject({ name: 'Billing', secret_value: null, secret_already_shown: false });
    const overlapOf = async (body: object) => {
      const rotated = await world.given(world.patch(`secrets/${String(id)}`, { rotate: true, ...body }, key));
      expect(rotated).toMatchObject({ name: 'Billing', secret_value: expect.stringMatching(/^whsec_/) });
      return Date.parse(String(rotated['overlap_until'])) - Date.parse(String(rotated['rotated_at']));
    };
    expect(await overlapOf({})).toBe(days);
    expect(await overlapOf({ overlap_seconds: 0 })).toBe(0);
    expect(await overlapOf({ overlap_seconds: 604_800 })).toBe(7 * days);
    expect(await world.patch(`secrets/${String(id)}`, { rotate: true, overlap_seconds: 604_801 }, key)).toMatchObject({
      status: 422,
      body: { success: false, errors: [{ loc: ['body', 'overlap_seconds'] }] },
    });
    expect(await world.patch(`secrets/${String(id)}`, { name: 'x', overlap_seconds: 1 }, key)).toMatchObject({
      status: 422,
      body: { success: false, errors: [{ loc: ['body', 'overlap_seconds'] }] },
    });
  });

  it('say that a value needs rotation when it is more than a year old', async () => {
    const { id } = await created('Orders');
    const change = (body: object) => world.given(world.patch(`secrets/${String(id)}`, body, key));
    world.behind.clock.advance(365 * days);
    expect(await change({ name: 'Orders, production' })).toMatchObject({ needs_rotation: false });
    world.behind.clock.advance(1);
    expect(await change({ name: 'Orders' })).toMatchObject({ needs_rotation: true });
    expect(await change({ rotate: true })).toMatchObject({ needs_rotation: false });
  });

  it('are for keys of the account, not of operators', async () => {
    const { id } = await created('Orders');
    const theirs = { status: 403, body: { success: false, code: 'scope_not_held' } };
    expect(await world.post('secrets', { name: 'theirs' })).toMatchObject(theirs);
    expect(await world.patch(`secrets/${String(id)}`, { rotate: true })).toMatchObject(theirs);
    expect(await world.delete(`secrets/${String(id)}`)).toMatchObject(theirs);
  });

  it('leave no value in the log', async () => {
    const secret = await created('Orders');
    const rotated = await world.given(world.patch(`secrets/${String(secret['id'])}`, { rotate: true }, key));
    const events = await world.behind.store.readAll(position(0), 1_000);
    const written = JSON.stringify(events.map(({ bytes }) => Buffer.from(bytes).toString()));
    expect(written).toContain(String(secret['id']));
    for (const { secret_value: value } of [secret, rotated]) {
      expect(value).toMatch(/^whsec_/);
      const text = String(value);
      expect(written).not.toContain(text.slice('whsec_'.length));
      // Nor under an encoding that anybody can undo.
      for (const encoding of ['base64', 'base64url', 'hex'] as const)
        expect(written).not.toContain(Buffer.from(text).toString(encoding).slice(0, 50));
    }
  });
});
