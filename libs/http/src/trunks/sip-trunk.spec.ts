import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { AccountId } from '@ringfence/kernel/ids';
import { position } from '@ringfence/kernel/units';
import { RouteWorld, sandboxTrunk } from '../route-world.contract.js';

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

const create = (body: object, headers = {}) => world.ask('POST', 'sip/trunks', body, { key, headers });
const credential = { username: 'office', password: 'open sesame 9' };
const withCredential = { name: 'Office', authentication_type: 'credential', auth_credential: credential };
const codesOf = ({ warnings }: Readonly<Record<string, unknown>>) =>
  (warnings as readonly { readonly code: string }[]).map(({ code }) => code);

describe('the routes of SIP trunks', () => {
  it('show a trunk with all of its settings, and what has no effect yet', async () => {
    const trunk = await world.given(
      create({
        ...withCredential,
        domain_name: 'office.example.com',
        transport: 'udp',
        channel_limit: 10,
        cps_limit: 2,
        recording: true,
        inbound_route: { name: 'Exchange', sip_url: 'sip:pbx.example.com:5061;transport=tls', sip_user: '100' },
        webhook_url: 'https://example.com/webhooks',
        webhook_api_version: '2025-08-01',
      }),
    );
    const { id } = trunk;
    expect(trunk).toEqual({
      id: expect.stringMatching(/^st_/),
      account_id: account,
      mode: 'test',
      vn_count: 0,
      name: 'Office',
      domain_name: `${String(id).slice(3).toLowerCase()}.sip.invalid`,
      channel_limit: 10,
      cps_limit: 2,
      recording_enabled: true,
      transport: 'udp',
      is_active: true,
      authentication_type: 'credential',
      auth_ip_addresses: [],
      auth_credential_usernames: ['office'],
      ip_acl_id: null,
      ip_acl_name: null,
      sip_route: { name: 'Exchange', sip_url: 'sip:pbx.example.com:5061;transport=tls', sip_user: '100' },
      webhook_url: 'https://example.com/webhooks',
      webhook_api_version: '2025-08-01',
      secret_id: null,
      secret_name: null,
      created_at: expect.any(String),
      updated_at: expect.any(String),
      code: null,
      erased: [],
      warnings: expect.any(Array),
    });
    expect(codesOf(trunk).sort()).toEqual([
      'authentication_not_checked',
      'cps_limit_not_applied',
      'domain_name_made',
      'inbound_route_not_used',
      'transport_not_used',
      'trunk_channel_limit_not_applied',
      'trunk_recording_not_made',
      'version_not_written',
      'webhook_not_sent',
    ]);
  });

  it('have the defaults of a trunk that names little, with addresses in canonical form', async () => {
    const auth_addresses = [{ name: 'Old line', address: '::ffff:203.0.113.7' }, { address: '2001:DB8::0:7' }];
    const trunk = { name: 'Office', authentication_type: 'IP', auth_addresses };
    expect(await world.given(create(trunk))).toMatchObject({
      authentication_type: 'IP',
      auth_ip_addresses: [
        { name: 'Old line', address: '203.0.113.7' },
        { name: null, address: '2001:db8::7' },
      ],
      auth_credential_usernames: [],
      ...{ transport: 'tls', channel_limit: null, cps_limit: null, recording_enabled: false, sip_route: null },
      ...{ webhook_url: null, webhook_api_version: '2026-06-01', secret_id: null },
    });
  });

  const addresses = (...texts: readonly string[]) => ({ auth_addresses: texts.map((address) => ({ address })) });
  it.each([
    ['no credential', { authentication_type: 'credential', auth_credential: null }, ['auth_credential']],
    ['a credential and addresses', addresses('203.0.113.7'), ['auth_addresses']],
    ['a credential with IP', { authentication_type: 'IP' }, ['auth_credential']],
    ['a short password', { auth_credential: { username: 'office', password: '1234567' } }, ['auth_credential']],
    ['no password', { auth_credential: { username: 'office' } }, ['auth_credential']],
    ['a colon in a user name', { auth_credential: { ...credential, username: 'a:b' } }, ['auth_credential']],
    ['a URL that is none of SIP', { inbound_route: { name: 'x', sip_url: 'https://example.com' } }, ['inbound_route']],
    ['a user in the URL', { inbound_route: { name: 'x', sip_url: 'sip:me@example.com' } }, ['inbound_route']],
    ['a webhook URL with a password', { webhook_url: 'https://me:it@example.com/' }, ['webhook_url']],
    ['no calls at all', { channel_limit: 0 }, ['channel_limit']],
    ['an unknown transport', { transport: 'ws' }, ['transport']],
    ['is_active, which a new trunk is', { is_active: true }, ['is_active']],
  ])('refuse %s, and name the field', async (_, fields, loc) => {
    expect(await create({ ...withCredential, ...fields })).toMatchObject({
      status: 422,
      body: { success: false, code: 'validation_failed', errors: [{ loc: ['body', ...loc] }] },
    });
  });

  it.each([
    ['a network', addresses('203.0.113.0/24'), ['auth_addresses', '0', 'address']],
    ['loopback', addresses('203.0.113.7', '127.0.0.1'), ['auth_addresses', '1', 'address']],
    ['one address twice', addresses('203.0.113.7', '::ffff:203.0.113.7'), ['auth_addresses', '1', 'address']],
    ['six addresses', addresses(...[1, 2, 3, 4, 5, 6].map((at) => `203.0.113.${String(at)}`)), ['auth_addresses']],
    ['nothing', {}, ['auth_addresses']],
    ['both', { ...addresses('203.0.113.7'), ip_acl_id: 'acl_01K9Z000000000000000000000' }, ['ip_acl_id']],
  ])('refuse %s to recognise callers by, and name the place', async (_, fields, loc) => {
    expect(await create({ name: 'Office', authentication_type: 'IP', ...fields })).toMatchObject({
      status: 422,
      body: { success: false, code: 'validation_failed', errors: [{ loc: ['body', ...loc] }] },
    });
  });

  it('change what is named, replace how callers are recognised as a whole, and remove what may be missing', async () => {
    const made = await world.given(
      create({ ...withCredential, channel_limit: 10, webhook_url: 'https://example.com/' }),
    );
    const path = `sip/trunks/${String(made['id'])}`;
    const { warnings: _, ...trunk } = made;
    const change = async (body: object) => world.given(world.patch(path, body, key));
    const inactive = await change({ is_active: false });
    expect(inactive).toEqual({ ...trunk, is_active: false, updated_at: expect.any(String), warnings: [] });
    expect(await change({ channel_limit: null, webhook_url: null, name: null })).toMatchObject({
      ...{ channel_limit: null, webhook_url: null, name: 'Office', auth_credential_usernames: ['office'] },
    });
    expect(
      await world.patch(path, { auth_credential: { username: 'home', password: 'open sesame 8' } }, key),
    ).toMatchObject({ status: 422, body: { errors: [{ loc: ['body', 'authentication_type'] }] } });
    const { addresses: list } = { addresses: [{ address: '203.0.113.7' }] };
    expect(await change({ authentication_type: 'IP', auth_addresses: list })).toMatchObject({
      ...{ authentication_type: 'IP', auth_credential_usernames: [] },
      auth_ip_addresses: [{ name: null, address: '203.0.113.7' }],
    });
  });

  it('give a repeated command its first answer, and refuse another password under its key', async () => {
    const headers = { 'idempotency-key': 'one trunk' };
    const first = await world.given(create(withCredential, headers));
    expect(await world.given(create(withCredential, headers))).toEqual(first);
    const other = { ...withCredential, auth_credential: { ...credential, password: 'open sesame 8' } };
    expect(await create(other, headers)).toMatchObject({ status: 409 });
  });

  it('are for keys of the account, not of operators', async () => {
    expect(await world.post('sip/trunks', sandboxTrunk)).toMatchObject({
      status: 403,
      body: { success: false, code: 'scope_not_held' },
    });
  });

  it('leave no password, user name or address in the log, and no password in an answer', async () => {
    const { id, ...shown } = await world.given(create(withCredential));
    await world.given(create({ ...sandboxTrunk, auth_addresses: [{ address: '198.51.100.77' }] }));
    expect(JSON.stringify(shown)).not.toContain(credential.password);
    const events = await world.behind.store.readAll(position(0), 1_000);
    const written = JSON.stringify(events.map(({ bytes }) => Buffer.from(bytes).toString()));
    expect(written).toContain(String(id));
    for (const clear of [credential.password, '"office"', '198.51.100.77', 'SHA-256'])
      expect(written).not.toContain(clear);
  });
});
