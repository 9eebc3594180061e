import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PlatformProcess } from './platform-process.js';
import { TelerPython } from './teler-python.js';

type Said = { readonly [step: string]: unknown };

let platform: PlatformProcess;
let python: TelerPython;
let output: Record<string, Readonly<Record<'sync' | 'async', Said>>>;

beforeAll(async () => {
  [python, platform] = await Promise.all([TelerPython.install(), PlatformProcess.start()]);
  output = (await python.run('teler/resources.py', platform, platform.keys.sandboxKey)) as typeof output;
});
afterAll(async () => {
  await platform.discard();
  await python.discard();
});

const page = (names: readonly string[], more = false) => ({ names, next: more, more });
const deletion = { success: true, message: expect.any(String) };
const notFound = ['NotFoundException', 404, null];
const invalid = (field: string) => ['UnprocessableRequestException', 422, ['body', field]];

/** Every method of each resource, with the synchronous client of the package and with the asynchronous one. */
describe.each(['sync', 'async'] as const)('the Teler client from PyPI, %s', (client) => {
  const said = (resource: string): Said => output[resource]?.[client] ?? {};

  describe('on webhook secrets', () => {
    it('creates one, whose value it sees this once', () => {
      const { created, retrieved } = said('secrets');
      expect(created).toMatchObject({
        id: expect.stringMatching(/^sec_/),
        name: 'Orders',
        secret_value: expect.stringMatching(/^whsec_[A-Za-z0-9+/]{32}$/),
        rotated_at: null,
        created_at: expect.any(String),
        needs_rotation: false,
        sip_trunks: [],
        voice_apps: [],
      });
      expect(retrieved).toEqual({ ...(created as object), secret_value: null });
    });

    it('renames and rotates it', () => {
      const { created, renamed, rotated } = said('secrets') as Record<string, Record<string, unknown>>;
      expect(renamed).toEqual({ ...created, name: 'Billing', secret_value: null });
      expect(rotated).toMatchObject({ name: 'Billing', rotated_at: expect.any(String) });
      expect(rotated?.['secret_value']).toMatch(/^whsec_/);
      expect(rotated?.['secret_value']).not.toBe(created?.['secret_value']);
    });

    it('lists and finds them, and pages by cursors, forwards and back', () => {
      const { listed, found, pages } = said('secrets');
      expect(listed).toEqual(page(['orders c', 'Shipping', 'Orders B', 'Billing']));
      expect(found).toEqual(page(['orders c', 'Orders B']));
      expect(pages).toEqual([
        page(['orders c', 'Shipping'], true),
        page(['Orders B', 'Billing']),
        page(['orders c', 'Shipping'], true),
      ]);
    });

    it('deletes them, and raises the exception of its own that each refusal stands for', () => {
      const { deleted, raised } = said('secrets');
      expect(deleted).toEqual([deletion, deletion, deletion]);
      expect(raised).toEqual({
        unknown: notFound,
        deleted: notFound,
        no_name: invalid('name'),
        nothing: invalid('name'),
      });
    });
  });

  describe('on voice apps', () => {
    it('creates one with defaults, and one with every setting', () => {
      const { created, whole, retrieved } = said('apps') as Record<string, Record<string, unknown>>;
      expect(created).toEqual({
        id: expect.stringMatching(/^va_/),
        name: 'Front desk',
        flow_url: 'https://example.com/flow',
        webhook_url: 'https://example.com/webhooks',
        fallback_url: null,
        status: 'active',
        channel_limit: null,
        vn_count: 0,
        secret_id: null,
        secret_name: null,
        webhook_api_version: '2026-06-01',
        account_id: platform.keys.accountId,
        code: null,
      });
      expect(whole).toMatchObject({
        fallback_url: 'https://example.com/fallback',
        channel_limit: 5,
        secret_id: expect.stringMatching(/^sec_/),
        secret_name: 'Signs',
        webhook_api_version: '2025-08-01',
      });
      expect(retrieved).toEqual(whole);
    });

    it('finds the app at its secret', () => {
      const { whole, used } = said('apps') as Record<string, Record<string, unknown>>;
      expect(used).toMatchObject({ name: 'Signs', voice_apps: [{ id: whole?.['id'], name: 'Night desk' }] });
    });

    it('updates every field', () => {
      expect(said('apps')['updated']).toMatchObject({
        name: 'Desk',
        flow_url: 'https://example.com/flow/2',
        webhook_url: 'https://example.com/webhooks/2',
        fallback_url: 'https://example.com/f',
        status: 'inactive',
        channel_limit: 7,
        secret_name: 'Signs',
        webhook_api_version: '2025-08-01',
      });
    });

    it('lists and finds them by name and by their states', () => {
      const { listed, found, inactive, either } = said('apps');
      expect(listed).toEqual(page(['Night desk', 'Desk']));
      expect(found).toEqual(page(['Night desk']));
      expect(inactive).toEqual(page(['Desk']));
      expect(either).toEqual(page(['Night desk'], true));
    });

    it('deletes them, and raises the exception of its own that each refusal stands for', () => {
      const { raised, deleted, gone, freed } = said('apps');
      expect(raised).toEqual({
        unknown: notFound,
        wrong_url: invalid('flow_url'),
        no_numbers: ['UnprocessableRequestException', 422, null],
        no_secret: ['UnprocessableRequestException', 422, null],
        secret_in_use: ['ConflictException', 409, null],
      });
      expect(deleted).toEqual([deletion, deletion]);
      expect(gone).toEqual(page([]));
      expect(freed).toEqual(deletion);
    });
  });

  describe('on virtual numbers', () => {
    it('lists and renames the one that the account has', () => {
      const { listed, renamed } = said('numbers') as { listed: readonly object[]; renamed: object };
      const [number, ...others] = listed;
      expect(others).toEqual([]);
      expect(number).toEqual({
        ...{ id: expect.stringMatching(/^vn_/), account_id: platform.keys.accountId, number: '+15005550100' },
        ...{ name: client === 'sync' ? null : 'Support line', location: expect.objectContaining({ country: 'US' }) },
        ...{ voice_app: null, sip_trunk: null },
      });
      expect(renamed).toEqual({ ...number, name: 'Support line' });
    });

    it('assigns it with a new app, moves it to a trunk, and unassigns it', () => {
      const { app, of_app, moved, of_trunk, left, filtered, assigned, unassigned } = said('numbers');
      const done = (message: string) => ({ success: true, message });
      expect([app, left]).toEqual([1, 0]);
      const ofApp = { id: expect.stringMatching(/^va_/), name: 'Front desk' };
      expect(of_app).toMatchObject([{ number: '+15005550100', voice_app: ofApp, sip_trunk: null }]);
      expect(moved).toEqual(done('The numbers are assigned.'));
      const ofTrunk = { id: expect.stringMatching(/^st_/), name: 'Office' };
      expect(of_trunk).toMatchObject([{ voice_app: null, sip_trunk: ofTrunk }]);
      expect(filtered).toEqual([0, 1, 1, 0]);
      expect([assigned, unassigned]).toEqual([done('The numbers are assigned.'), done('The numbers are unassigned.')]);
    });

    it('raises the exception of its own that each refusal stands for', () => {
      const { raised, app_in_use, deleted } = said('numbers');
      const inUse = ['ConflictException', 409, null];
      expect(raised).toEqual({
        ...{ unknown: notFound, nothing: notFound, in_use: inUse },
        search: ['UnprocessableRequestException', 422, ['query', 'search']],
      });
      expect(app_in_use).toEqual(inUse);
      expect(deleted).toEqual([deletion, deletion]);
    });
  });

  describe('on events', () => {
    it('lists those of a call, and retrieves one with its payload and the state of its delivery', () => {
      const { call, first, payload, types, pending, delivered, later } = said('events');
      expect(first).toMatchObject({
        ...{ id: expect.stringMatching(/^evt_/), account_id: platform.keys.accountId, call_id: call },
        ...{ sip_trunk_id: null, leg_id: expect.stringMatching(/^cl_/), type: 'call.initiated' },
        ...{ api_version: '2026-06-01', delivery_status: 'pending', last_status_code: null, delivered_at: null },
        ...{ last_error: 'outbound_connect_failed', attempt_count: expect.any(Number) },
      });
      expect(payload).toMatchObject({ type: 'call.initiated', call_id: call, sequence: 0 });
      expect((types as readonly string[]).at(-1)).toBe('call.initiated');
      expect([pending, delivered, later]).toEqual([1, 0, 0]);
    });

    it('raises the exception of its own that each refusal stands for', () => {
      expect(said('events')['raised']).toEqual({
        pending: ['ConflictException', 409, null],
        unknown: notFound,
        type: ['UnprocessableRequestException', 422, ['query', 'type']],
      });
    });
  });

  describe('on IP lists', () => {
    const seven = { address: '2001:db8::7/128', description: null };
    const list = { address_count: 2, trunk_count: 0, created_at: expect.any(String), updated_at: expect.any(String) };

    it('creates one, whose addresses are shown in canonical form', () => {
      const { created, retrieved } = said('ip_lists');
      expect(created).toEqual({
        ...list,
        id: expect.stringMatching(/^acl_/),
        name: 'Office',
        addresses: [{ address: '203.0.113.0/24', description: 'Both lines' }, seven],
      });
      expect(retrieved).toEqual(created);
    });

    it('renames it, and replaces its addresses', () => {
      const { created, renamed, replaced } = said('ip_lists') as Record<string, Record<string, unknown>>;
      expect(renamed).toMatchObject({ name: 'Home', addresses: created?.['addresses'] });
      const addresses = [{ address: '198.51.100.7/32', description: null }];
      expect(replaced).toMatchObject({ name: 'Home', addresses, address_count: 1 });
    });

    it('lists them without their addresses, finds them, and pages by cursors, forwards and back', () => {
      const { listed, shape, found, pages } = said('ip_lists');
      expect(listed).toEqual(page(['office c', 'Branch', 'Office B', 'Home']));
      expect(shape).toEqual({ ...list, id: expect.stringMatching(/^acl_/), name: 'office c', addresses: null });
      expect(found).toEqual(page(['office c', 'Office B']));
      expect(pages).toEqual([
        page(['office c', 'Branch'], true),
        page(['Office B', 'Home']),
        page(['office c', 'Branch'], true),
      ]);
    });

    it('deletes those that no trunk uses, and raises the exception of its own that each refusal stands for', () => {
      const { used, raised, deleted, gone } = said('ip_lists');
      expect(used).toBe(1);
      expect(raised).toEqual({
        unknown: notFound,
        multicast: ['UnprocessableRequestException', 422, ['body', 'addresses', '0', 'address']],
        nothing: invalid('name'),
        in_use: ['ConflictException', 409, null],
      });
      expect(deleted).toEqual([deletion, deletion, deletion, deletion]);
      expect(gone).toEqual(page([]));
    });
  });

  describe('on SIP trunks', () => {
    const route = { name: 'Exchange', sip_url: 'sip:pbx.example.com', sip_user: '100' };

    it('creates one with a credential and defaults, and one with addresses and every setting', () => {
      const { created, whole, retrieved } = said('trunks') as Record<string, Record<string, unknown>>;
      expect(created).toEqual({
        id: expect.stringMatching(/^st_/),
        name: 'Office',
        domain_name: `${String(created?.['id']).slice(3).toLowerCase()}.sip.invalid`,
        account_id: platform.keys.accountId,
        ...{ channel_limit: null, cps_limit: null, recording_enabled: false, transport: 'tls', is_active: true },
        ...{ authentication_type: 'credential', auth_ip_addresses: [], auth_credential_usernames: ['office'] },
        ...{ ip_acl_id: null, ip_acl_name: null, sip_route: null, webhook_url: null, secret_id: null },
        ...{ webhook_api_version: '2026-06-01', secret_name: null, code: null },
        ...{ created_at: expect.any(String), updated_at: expect.any(String) },
      });
      expect(whole).toMatchObject({
        ...{ channel_limit: 5, recording_enabled: true, transport: 'tcp', webhook_url: 'https://example.com/webhooks' },
        authentication_type: 'IP',
        auth_ip_addresses: [
          { name: 'Old line', address: '203.0.113.7' },
          { name: null, address: '203.0.113.8' },
        ],
        ...{ sip_route: route, secret_name: 'Signs', webhook_api_version: '2025-08-01' },
      });
      expect(retrieved).toEqual(whole);
    });

    it('finds the trunk at its secret', () => {
      const { whole, secret } = said('trunks') as Record<string, Record<string, unknown>>;
      expect(secret).toMatchObject({ name: 'Signs', sip_trunks: [{ id: whole?.['id'], name: 'Night line' }] });
    });

    it('updates every field', () => {
      expect(said('trunks')['updated']).toMatchObject({
        ...{ name: 'Line', channel_limit: 7, recording_enabled: true, transport: 'tcp', is_active: false },
        ...{ webhook_url: 'https://example.com/webhooks/2', webhook_api_version: '2025-08-01', secret_name: 'Signs' },
        ...{ authentication_type: 'IP', auth_credential_usernames: [], ip_acl_name: 'Office' },
        sip_route: { name: 'Exchange', sip_url: 'sips:pbx.example.com:5061', sip_user: null },
      });
    });

    it('lists and finds them by name and by their states', () => {
      const { listed, found, inactive, either } = said('trunks');
      expect(listed).toEqual(page(['Night line', 'Line']));
      expect(found).toEqual(page(['Night line']));
      expect(inactive).toEqual(page(['Line']));
      expect(either).toEqual(page(['Night line'], true));
    });

    it('deletes them, and raises the exception of its own that each refusal stands for', () => {
      const { raised, deleted, gone } = said('trunks');
      expect(raised).toEqual({
        unknown: notFound,
        short: invalid('auth_credential'),
        loopback: ['UnprocessableRequestException', 422, ['body', 'auth_addresses', '0', 'address']],
        no_list: ['UnprocessableRequestException', 422, null],
        udp: ['UnprocessableRequestException', 422, null],
        secret_in_use: ['ConflictException', 409, null],
      });
      expect(deleted).toEqual([deletion, deletion]);
      expect(gone).toEqual(page([]));
    });
  });
});
