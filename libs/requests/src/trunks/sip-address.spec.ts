import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readSipNetwork } from './sip-address.js';

const read = (text: string) => {
  const network = readSipNetwork(text);
  return 'canonical' in network ? network.canonical : network.rule;
};

describe('the source of SIP requests', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7/32', 'a bare address is a network of one'],
    ['203.0.113.7/24', '203.0.113.0/24', 'bits behind the prefix are cleared'],
    ['203.0.113.130/25', '203.0.113.128/25', 'the prefix need not end with a byte'],
    ['2001:DB8:0:0:0:0:0:7', '2001:db8::7/128', 'RFC 5952 has one form'],
    ['2001:db8:0:1::ffff/64', '2001:db8:0:1::/64', 'bits behind the prefix are cleared'],
    ['::ffff:203.0.113.7', '203.0.113.7/32', 'IPv4 in the form of IPv6 is IPv4'],
    ['::ffff:203.0.113.7/120', '203.0.113.0/24', 'and so are its networks'],
    ['10.0.0.1', '10.0.0.1/32', 'a trunk may be reached through a private network'],
    ['203.0.113.0/23', 'prefix', 'wider than /24'],
    ['::ffff:203.0.113.0/119', 'prefix', 'wider than /24'],
    ['2001:db8::/63', 'prefix', 'wider than /64'],
    ['127.0.0.1', 'unusable', 'loopback'],
    ['127.255.255.255/24', 'unusable', 'loopback'],
    ['::1', 'unusable', 'loopback'],
    ['::1/64', 'unusable', 'loopback is in it'],
    ['::ffff:127.0.0.1', 'unusable', 'loopback in the form of IPv6'],
    ['0.0.0.0', 'unusable', 'unspecified'],
    ['::', 'unusable', 'unspecified'],
    ['224.0.0.1', 'unusable', 'multicast'],
    ['ff02::1', 'unusable', 'multicast'],
    ['255.255.255.255', 'unusable', 'broadcast'],
    ['203.0.113.7/33', 'address', 'no prefix of IPv4'],
    ['2001:db8::/129', 'address', 'no prefix of IPv6'],
    ['203.0.113', 'address', 'programs read it differently'],
    ['0x7f.1', 'address', 'programs read it differently'],
    ['203.0.113.07', 'address', 'programs read it differently'],
    ['fe80::1%eth0', 'address', 'a zone means something on one machine alone'],
    ['sip.example.com', 'address', 'a name'],
    ['', 'address', 'nothing'],
  ])('%j is %s: %s', (text, expected) => {
    expect(read(text)).toBe(expected);
  });

  it('has one canonical form, which is read as itself', () => {
    const bits = fc.option(fc.integer({ min: 0, max: 128 }));
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), bits, (address, length) => {
        const network = readSipNetwork(length === null ? address : `${address}/${String(length)}`);
        if ('canonical' in network) expect(read(network.canonical)).toBe(network.canonical);
      }),
      { numRuns: 500 },
    );
  });
});
