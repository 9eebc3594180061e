import { describe, expect, it } from '@jest/globals';
import { textPatterns } from '@ringfence/event-catalog/shape';
import fc from 'fast-check';
import { parseSourceCidr, sourceRanges } from './source-ranges.js';

describe('source ranges', () => {
  it.each([
    { cidr: '192.0.2.0/24', ip: '192.0.2.255', allowed: true, because: 'it is the last of the block' },
    { cidr: '192.0.2.0/24', ip: '192.0.3.0', allowed: false, because: 'it is the first after the block' },
    {
      cidr: '192.0.2.0/24',
      ip: '::ffff:192.0.2.7',
      allowed: true,
      because: 'a dual-stack socket shows IPv4 like this',
    },
    {
      cidr: '::ffff:192.0.2.0/120',
      ip: '192.0.2.7',
      allowed: true,
      because: 'the block is the IPv4 block it stands for',
    },
    {
      cidr: '::ffff:0:0/64',
      ip: '192.0.2.7',
      allowed: false,
      because: 'the block is wider than IPv4, so it names no IPv4 block',
    },
    { cidr: '0.0.0.0/0', ip: '2001:db8::1', allowed: false, because: 'IPv4 is not IPv6' },
    { cidr: '::/0', ip: '192.0.2.7', allowed: false, because: 'IPv6 is not IPv4' },
    { cidr: '2001:db8::/32', ip: '2001:db8:ffff::1', allowed: true, because: 'it is in the block' },
    { cidr: '2001:db8::/32', ip: '2001:db9::1', allowed: false, because: 'it is not in the block' },
    { cidr: '192.0.2.7/32', ip: '192.0.2.7', allowed: true, because: 'it is that one address' },
    { cidr: '0.0.0.0/0', ip: 'unknown', allowed: false, because: 'it is no address' },
    { cidr: '0.0.0.0/0', ip: '', allowed: false, because: 'it is no address' },
    { cidr: '0.0.0.0/0', ip: '0x7f.1', allowed: false, because: 'programs read it differently' },
    { cidr: 'everywhere', ip: '192.0.2.7', allowed: false, because: 'a block that cannot be read admits nobody' },
  ])('$cidr and $ip: $allowed, because $because', ({ cidr, ip, allowed }) => {
    expect(sourceRanges([cidr]).allows(ip)).toBe(allowed);
  });

  it('admit an address in any of them, and none when there are no ranges', () => {
    expect(sourceRanges(['198.51.100.0/24', '192.0.2.0/24']).allows('192.0.2.1')).toBe(true);
    expect(sourceRanges([]).allows('192.0.2.1')).toBe(false);
  });

  it.each([
    '192.0.2.0',
    '192.0.2.0/33',
    '192.0.2.0/24/8',
    '192.0.2/24',
    '2001:db8::/129',
    '192.0.2.0/-1',
    '/24',
    '192.0.2.0/ 8',
    'fe80::1%eth0/64',
  ])('%j is no block', (cidr) => {
    expect(parseSourceCidr(cidr)).toBeUndefined();
  });

  it('that can be read can be written to the log', () => {
    const bits = fc.integer({ min: 0, max: 129 });
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV4Extended(), fc.ipV6(), fc.string()), bits, (base, length) => {
        const cidr = `${base}/${String(length)}`;
        if (parseSourceCidr(cidr) !== undefined) expect(cidr).toMatch(textPatterns.cidr.pattern);
      }),
    );
  });
});
