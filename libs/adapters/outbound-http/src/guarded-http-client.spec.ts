import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { outboundClientContract } from '@ringfence/ports/outbound/outbound-client.contract';
import { outboundFailureCode } from '@ringfence/ports/outbound/outbound-failures';
import { addressPolicy, parseAllowedBlock } from './address-policy.js';
import { GuardedHttpClient, type GuardedHttpOptions } from './guarded-http-client.js';
import { dnsResolver, type ResolveName } from './name-resolver.js';

const opened: GuardedHttpClient[] = [];
function clientWith(options: Partial<GuardedHttpOptions> = {}): GuardedHttpClient {
  const client = new GuardedHttpClient({ allowedCidrs: [], testReachesLoopback: false, ...options });
  opened.push(client);
  return client;
}

outboundClientContract('over HTTP', () => ({
  client: clientWith({ testReachesLoopback: true }),
  hasty: clientWith({ testReachesLoopback: true, totalMsMax: 800 }),
}));

let server: Server;
let port = 0;
const reached: string[] = [];
beforeAll(async () => {
  server = createServer((request, response) => {
    reached.push(request.headers.host ?? '');
    response.end('secret');
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  port = (server.address() as AddressInfo).port;
});
afterAll(async () => {
  await Promise.all(opened.map((client) => client.close()));
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
});

const post = (client: GuardedHttpClient, url: string) =>
  client.post({ url, mode: 'test', headers: {}, body: '{}', answerBytesMax: 100 }).then(
    ({ status }) => `answered ${String(status)}`,
    (failure: unknown) => outboundFailureCode(failure) ?? failure,
  );
const family = (address: string) => (address.includes(':') ? 6 : 4);
const namesTo =
  (...addresses: readonly string[]): ResolveName =>
  () =>
    Promise.resolve(addresses.map((address) => ({ address, family: family(address) })));

/** Hosts as a customer may write them; `{port}` of a server that listens on 127.0.0.1 follows. */
const literalHosts = [
  ...['127.0.0.1', '127.1', '127.0.1', '2130706433', '0x7f000001', '0x7f.0.0.1', '0177.0.0.1', '017700000001'],
  ...[
    '127.255.255.254',
    '0.0.0.0',
    '0',
    '1.0.0.127.in-addr.arpa@127.0.0.1',
    '127.0.0.1.',
    '１２７.0.0.1',
    '127。0。0。1',
  ],
  ...['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', '169.254.169.254', '0xa9fea9fe', '2852039166'],
  ...['100.64.0.1', '100.100.100.200', '168.63.129.16', '192.0.0.192', '192.0.2.1', '198.18.0.1', '198.19.255.255'],
  ...['198.51.100.1', '203.0.113.1', '192.88.99.1', '224.0.0.1', '239.255.255.250', '240.0.0.1', '255.255.255.255'],
  ...['[::1]', '[::]', '[0:0:0:0:0:0:0:1]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[::ffff:169.254.169.254]'],
  ...['[::127.0.0.1]', '[::7f00:1]', '[::ffff:0:127.0.0.1]', '[64:ff9b::127.0.0.1]', '[64:ff9b::a9fe:a9fe]'],
  ...[
    '[64:ff9b:1::1]',
    '[2002:7f00:1::]',
    '[2002:a9fe:a9fe::1]',
    '[2001:0:7f00:1::]',
    '[2001:0:53aa:64c:0:0:80ff:fffe]',
  ],
  ...[
    '[fc00::1]',
    '[fd00:ec2::254]',
    '[fd20:ce::254]',
    '[fe80::1]',
    '[fec0::1]',
    '[ff02::1]',
    '[100::1]',
    '[100:0:0:1::1]',
  ],
  ...[
    '[2001:db8::1]',
    '[3fff::1]',
    '[2001:2::1]',
    '[2001:10::1]',
    '[2001:20::1]',
    '[5f00::1]',
    '[2001:1::1]',
    '[4000::1]',
  ],
  ...['localhost', 'LOCALHOST', 'localhost.', 'a.localhost', '%6c%6f%63alhost'],
];

describe('a request that a customer’s URL sends inside', () => {
  it.each(literalHosts)('is not sent to %s', async (host) => {
    const client = clientWith({ resolve: dnsResolver() });
    const code = await post(client, `http://${host}:${String(port)}/latest/meta-data`);
    expect(['outbound_address_forbidden', 'outbound_url_invalid']).toContain(code);
    expect(reached).toEqual([]);
  });

  it('is not sent to an address with a zone, which a URL cannot have and a resolver may answer', async () => {
    expect(await post(clientWith(), `http://[fe80::1%25lo]:${String(port)}/`)).toBe('outbound_url_invalid');
    const resolve = namesTo('fe80::1%lo');
    expect(await post(clientWith({ resolve }), 'http://hooks.example/')).toBe('outbound_address_forbidden');
    const alone = namesTo('::1%lo');
    expect(await post(clientWith({ resolve: alone }), 'http://hooks.example/')).toBe('outbound_address_forbidden');
  });

  it.each([
    ['127.0.0.1'],
    ['8.8.8.8', '127.0.0.1'],
    ['127.0.0.1', '8.8.8.8'],
    ['2606:4700::1111', '::1'],
    ['8.8.8.8', '::ffff:10.0.0.1'],
    ['8.8.8.8', '64:ff9b::10.0.0.1'],
    ['not an address'],
  ])('is not sent to a name whose addresses are %s %s', async (...addresses) => {
    const client = clientWith({ resolve: namesTo(...addresses) });
    expect(await post(client, `http://hooks.example:${String(port)}/`)).toBe('outbound_address_forbidden');
    expect(reached).toEqual([]);
  });

  it('is not sent to a name without an address', async () => {
    expect(await post(clientWith({ resolve: namesTo() }), 'http://hooks.example/')).toBe('outbound_name_unresolved');
    const resolve = () => Promise.reject(new Error('no such name'));
    expect(await post(clientWith({ resolve }), 'http://hooks.example/')).toBe('outbound_name_unresolved');
  });

  it('asks for a name once per connection, and connects to no other answer than the one it has checked', async () => {
    const answers = [['127.0.0.1'], ['127.0.0.2'], ['127.0.0.3']];
    let asked = 0;
    // The first answer is allowed; each later one is not, as after a change of DNS.
    const resolve: ResolveName = (name) => namesTo(...(answers[asked++] ?? []))(name);
    const client = clientWith({ resolve, allowedCidrs: ['127.0.0.1/32'] });
    expect(await post(client, `http://hooks.example:${String(port)}/`)).toBe('answered 200');
    expect(asked).toBe(1);
    expect(reached.splice(0)).toEqual([`hooks.example:${String(port)}`]);
    server.closeAllConnections();
    await new Promise((resolved) => setImmediate(resolved));
    const later = [];
    for (let at = 0; at < 2; at += 1) later.push(await post(client, `http://hooks.example:${String(port)}/`));
    expect(later).toContain('outbound_address_forbidden');
    expect(reached).toEqual([]);
  });

  it('is not sent over a connection that the other mode has made', async () => {
    const client = clientWith({ testReachesLoopback: true });
    const url = `http://127.0.0.1:${String(port)}/`;
    expect(await post(client, url)).toBe('answered 200');
    reached.length = 0;
    const live = await client.post({ url, mode: 'live', headers: {}, body: '', answerBytesMax: 1 }).catch(String);
    expect(live).toContain('not allowed: loopback');
    expect(reached).toEqual([]);
  });

  it('reaches what the operator allows, and nothing beside it', async () => {
    const client = clientWith({ allowedCidrs: ['127.0.0.1/32'] });
    expect(await post(client, `http://127.1:${String(port)}/`)).toBe('answered 200');
    expect(await post(client, `http://[::ffff:127.0.0.1]:${String(port)}/`)).not.toBe('outbound_address_forbidden');
    expect(await post(client, `http://127.0.0.2:${String(port)}/`)).toBe('outbound_address_forbidden');
  });
});

describe('the policy of addresses', () => {
  it.each(['8.8.8.8', '1.1.1.1', '172.32.0.1', '100.128.0.1', '169.253.1.1', '11.0.0.1', '223.255.255.254'])(
    'permits %s',
    (address) => {
      expect(addressPolicy([]).forbids(address)).toBeUndefined();
    },
  );

  it.each(['2606:4700::1111', '2a00:1450:4001::1', '64:ff9b::8.8.8.8', '::ffff:8.8.8.8'])('permits %s', (address) => {
    expect(addressPolicy([]).forbids(address)).toBeUndefined();
  });

  it('reaches an allowed IPv4 address through NAT64 too', () => {
    expect(addressPolicy(['10.1.0.0/16']).forbids('64:ff9b::10.1.2.3')).toBeUndefined();
    expect(addressPolicy(['10.1.0.0/16']).forbids('64:ff9b::10.2.2.3')).toBe('private');
  });

  it.each(['10.0.0.0', '10/8', '10.0.0.0/33', 'fe80::1%eth0/64', '0x7f.1/8', '/8', 'all', '127.0.0.1/8/8'])(
    'is given no block %s',
    (cidr) => {
      expect(parseAllowedBlock(cidr)).toBeUndefined();
      expect(() => addressPolicy([cidr])).toThrow('not a CIDR block');
    },
  );
});
