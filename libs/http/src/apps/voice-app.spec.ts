import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { AccountId } from '@ringfence/kernel/ids';
import { position } from '@ringfence/kernel/units';
import { RouteWorld, sandboxApp } from '../route-world.contract.js';

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

const created = (more: object = {}) => world.given(world.post('voice/apps', { ...sandboxApp, ...more }, key));
const changed = (id: unknown, body: object) => world.given(world.patch(`voice/apps/${String(id)}`, body, key));

describe('the routes of voice apps', () => {
  it('create an app with the settings that are given, and defaults for the rest', async () => {
    expect(await created()).toMatchObject({
      id: expect.stringMatching(/^va_/),
      account_id: account,
      mode: 'test',
      ...sandboxApp,
      fallback_url: null,
      status: 'active',
      channel_limit: null,
      vn_count: 0,
      secret_id: null,
      secret_name: null,
      webhook_api_version: '2026-06-01',
      code: null,
      erased: [],
    });
    const more = { fallback_url: 'http://[::1]:8080/?x=1', channel_limit: 5, webhook_api_version: '2025-08-01' };
    expect(await created({ ...more, vn_ids: [] })).toMatchObject(more);
  });

  it('change what a body names: absent leaves, null removes', async () => {
    const { id: secret_id } = await world.given(world.post('secrets', { name: 'Orders' }, key));
    const { id } = await created({ channel_limit: 5, fallback_url: 'https://example.com/f', secret_id });
    expect(await changed(id, { status: 'inactive', name: null })).toMatchObject({
      ...sandboxApp,
      status: 'inactive',
      channel_limit: 5,
      fallback_url: 'https://example.com/f',
      secret_id,
    });
    expect(await changed(id, { channel_limit: null, fallback_url: null, secret_id: null })).toMatchObject({
      status: 'inactive',
      channel_limit: null,
      fallback_url: null,
      secret_id: null,
    });
  });

  it.each([
    'ftp://example.com/x',
    'example.com/x',
    'https://user@example.com/x',
    'https://user:pass@example.com/x',
    'https://example.com/x#part',
    'https://example.com\\@evil.example/',
    'https://example.com/a b',
    'https:///x',
    `https://example.com/${'x'.repeat(2_048)}`,
    7,
  ])('refuse the URL %p, and name its field', async (url) => {
    for (const field of ['flow_url', 'webhook_url', 'fallback_url']) {
      const refused = { status: 422, body: { success: false, errors: [{ loc: ['body', field], type: 'url' }] } };
      expect(await world.post('voice/apps', { ...sandboxApp, [field]: url }, key)).toMatchObject(refused);
    }
  });

  it('give a repeated command its first answer, whatever has become of the app', async () => {
    const sent = { key, headers: { 'idempotency-key': 'one app' } };
    const create = () => world.given(world.ask('POST', 'voice/apps', sandboxApp, sent));
    const first = await create();
    await changed(first['id'], { name: 'Night desk' });
    expect(await create()).toEqual(first);
    const deleting = { key, headers: { 'idempotency-key': 'gone' } };
    const remove = () => world.given(world.ask('DELETE', `voice/apps/${String(first['id'])}`, undefined, deleting));
    expect(await remove()).toEqual({ success: true, message: expect.any(String) });
    expect(await remove()).toMatchObject({ success: true });
    expect(await create()).toEqual(first);
  });

  it('are for keys of the account, not of operators', async () => {
    const { id } = await created();
    const theirs = { status: 403, body: { success: false, code: 'scope_not_held' } };
    expect(await world.post('voice/apps', sandboxApp)).toMatchObject(theirs);
    expect(await world.patch(`voice/apps/${String(id)}`, { status: 'inactive' })).toMatchObject(theirs);
    expect(await world.delete(`voice/apps/${String(id)}`)).toMatchObject(theirs);
  });

  it('leave no name and no URL in the log', async () => {
    await created({ name: 'Amélie’s desk', fallback_url: 'https://fallback.example/of-amelie' });
    const events = await world.behind.store.readAll(position(0), 1_000);
    const written = JSON.stringify(events.map(({ bytes }) => Buffer.from(bytes).toString()));
    for (const clear of ['Amélie', 'example.com', 'fallback.example']) expect(written).not.toContain(clear);
  });
});
