import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ipListAddressesMax } from '@ringfence/domain/trunks/ip-list';
import type { AccountId } from '@ringfence/kernel/ids';
import { position } from '@ringfence/kernel/units';
import { eventBytesMax } from '@ringfence/ports/log/event-store';
import { RouteWorld, sandboxIpList } from '../route-world.contract.js';

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

const create = (body: object, headers = {}) => world.ask('POST', 'sip/ip-acls', body, { key, headers });
const addresses = (...texts: readonly string[]) => texts.map((address) => ({ address }));

describe('the routes of IP lists', () => {
  it('show addresses in canonical form, and say that no call uses the list', async () => {
    const body = {
      name: 'Office',
      addresses: [
        { address: '203.0.113.7/24', description: 'Both lines' },
        { address: '2001:DB8:0:0:0:0:0:7' },
        { address: '::ffff:198.51.100.1', description: null },
      ],
    };
    expect(await world.given(create(body))).toEqual({
      id: expect.stringMatching(/^acl_/),
      account_id: account,
      mode: 'test',
      name: 'Office',
      addresses: [
        { address: '203.0.113.0/24', description: 'Both lines' },
        { address: '2001:db8::7/128', description: null },
        { address: '198.51.100.1/32', description: null },
      ],
      address_count: 3,
      trunk_count: 0,
      created_at: expect.any(String),
      updated_at: expect.any(String),
      erased: [],
      warnings: [expect.objectContaining({ code: 'ip_list_not_enforced', field: 'addresses' })],
    });
  });

  it.each([
    ['loopback', addresses('203.0.113.7', '127.0.0.1'), ['1', 'address'], 'unusable'],
    ['a repeated address', addresses('203.0.113.7', '2001:db8::1', '203.0.113.7/32'), ['2', 'address'], 'repeated'],
    ['one in two forms', addresses('::ffff:203.0.113.7', '203.0.113.7'), ['1', 'address'], 'repeated'],
    ['a wide network', addresses('203.0.113.0/23'), ['0', 'address'], 'prefix'],
    ['no address', addresses('203.0.113.999'), ['0', 'address'], 'address'],
    ['a name', addresses('sip.example.com'), [], 'objects'],
    ['an empty list', [], [], 'objects'],
    ['an unknown member', [{ address: '203.0.113.7', note: 'x' }], [], 'objects'],
    ['a long description', [{ address: '203.0.113.7', description: 'x'.repeat(256) }], [], 'objects'],
    ['too many', addresses(...Array.from({ length: 51 }, (_, at) => `203.0.113.${String(at)}`)), [], 'objects'],
    ['no list', { address: '203.0.113.7' }, [], 'objects'],
  ])('refuse %s, and name the place', async (_, sent, at, type) => {
    expect(await create({ name: 'Office', addresses: sent })).toMatchObject({
      status: 422,
      body: { success: false, code: 'validation_failed', errors: [{ loc: ['body', 'addresses', ...at], type }] },
    });
  });

  it('change the name alone, or all addresses', async () => {
    const { id, ...list } = await world.given(create(sandboxIpList));
    world.behind.clock.advance(1_000);
    const change = (body: object) => world.given(world.patch(`sip/ip-acls/${String(id)}`, body, key));
    const renamed = await change({ name: 'Home' });
    expect(renamed).toMatchObject({ id, name: 'Home', addresses: list['addresses'], created_at: list['created_at'] });
    expect(renamed['updated_at']).not.toBe(list['updated_at']);
    expect(renamed['warnings']).toEqual([]);
    const replaced = await change({ addresses: addresses('198.51.100.0/24') });
    expect(replaced).toMatchObject({ name: 'Home', addresses: [{ address: '198.51.100.0/24', description: null }] });
  });

  it('give a repeated command its first answer, and refuse another command under its key', async () => {
    const headers = { 'idempotency-key': 'one list' };
    const first = await world.given(create(sandboxIpList, headers));
    expect(await world.given(create(sandboxIpList, headers))).toEqual(first);
    expect(await create({ ...sandboxIpList, name: 'Home' }, headers)).toMatchObject({ status: 409 });
  });

  it('are for keys of the account, not of operators', async () => {
    expect(await world.post('sip/ip-acls', sandboxIpList)).toMatchObject({
      status: 403,
      body: { success: false, code: 'scope_not_held' },
    });
  });

  it('accept the largest list there may be, and refuse descriptions that would not fit into an event', async () => {
    const largest = (description: string) =>
      Array.from({ length: ipListAddressesMax }, (_, at) => ({
        address: `2001:db8:aaaa:bbbb:cccc:dddd:eeee:${String(at + 1_000)}`,
        description,
      }));
    const name = '\u{6771}'.repeat(64);
    const { id } = await world.given(create({ name, addresses: largest('x'.repeat(240)) }));
    const events = await world.behind.store.readAll(position(0), 1_000);
    const sizes = events.map(({ bytes }) => bytes.length);
    // The rest is room for the longest id of a command and its trace.
    expect(Math.max(...sizes)).toBeLessThan(eventBytesMax - 1_024);
    expect(id).toMatch(/^acl_/);
    expect(await create({ name, addresses: largest('x'.repeat(241)) })).toMatchObject({
      status: 422,
      body: { errors: [{ loc: ['body', 'addresses'], type: 'too_large' }] },
    });
  });

  it('leave nothing of a list in clear in the log', async () => {
    const { id } = await world.given(
      create({ name: 'Our office', addresses: [{ address: '203.0.113.0/24', description: 'Both of our lines' }] }),
    );
    const events = await world.behind.store.readAll(position(0), 1_000);
    const written = JSON.stringify(events.map(({ bytes }) => Buffer.from(bytes).toString()));
    expect(written).toContain(String(id));
    for (const clear of ['Our office', '203.0.113', 'Both of our lines']) expect(written).not.toContain(clear);
  });
});
