import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { noAddress, sourceAddresses } from './source-address.js';

const trustedProxies = ['10.0.0.0/8', '2001:db8:ffff::/48', '127.0.0.1'];
const byList = sourceAddresses({ trustedProxies, header: 'x-forwarded-for' });
const byForwarded = sourceAddresses({ trustedProxies, header: 'forwarded' });
const through = (text: string | undefined, peer = '10.0.0.1') =>
  byList({ peer, headers: text === undefined ? {} : { 'x-forwarded-for': text } });
const forwarded = (text: string) => byForwarded({ peer: '10.0.0.1', headers: { forwarded: text } });

describe('the source address', () => {
  it.each([
    ['nginx, appending', '198.51.100.9, 203.0.113.7', '203.0.113.7'],
    ['nginx, on a Unix socket', 'unix:', noAddress],
    ['HAProxy, option forwardfor', '203.0.113.7', '203.0.113.7'],
    ['Envoy, with internal hops', '203.0.113.7,10.1.2.3,10.0.0.9', '203.0.113.7'],
    ['an AWS load balancer', '203.0.113.7', '203.0.113.7'],
    ['an AWS load balancer that keeps the port', '203.0.113.7:50123', '203.0.113.7'],
    ['an AWS load balancer that keeps the port, IPv6', '[2001:db8::7]:50123', '2001:db8::7'],
    ['Cloudflare, appending to what the client sent', '1.2.3.4, 203.0.113.7', '203.0.113.7'],
    ['Traefik, IPv6 with a zone', 'fe80::1%eth0', 'fe80::1'],
    ['Azure Application Gateway', '203.0.113.7:1024', '203.0.113.7'],
    ['Google’s load balancer', '198.51.100.9, 203.0.113.7, 10.9.9.9', '203.0.113.7'],
    ['a dual-stack listener', '::ffff:203.0.113.7', '::ffff:203.0.113.7'],
    ['only trusted hops', '10.3.3.3, 10.2.2.2', '10.3.3.3'],
    ['a name', '203.0.113.7, somebody', noAddress],
    ['unknown', 'unknown', noAddress],
    ['an empty element', '203.0.113.7, ', noAddress],
    ['an IPv4 address of another form', '0x7f.1', noAddress],
    ['a port that is none', '203.0.113.7:port', noAddress],
  ])('as %s writes it: %j', (_who, text, address) => {
    expect(through(text)).toBe(address);
  });

  it.each([
    ['for=203.0.113.7', '203.0.113.7'],
    ['For="203.0.113.7:4711";proto=https;by=10.0.0.1', '203.0.113.7'],
    ['for="[2001:db8::7]:4711"', '2001:db8::7'],
    ['proto=https; for="[2001:db8::7]"', '2001:db8::7'],
    ['for=198.51.100.9, for=203.0.113.7;by=10.0.0.1, for=10.2.2.2', '203.0.113.7'],
    ['for="a, for=198.51.100.9", for=203.0.113.7', '203.0.113.7'],
    ['for="198.51.100.9\\", for=203.0.113.7', noAddress],
    ['for=unknown', noAddress],
    ['for=_hidden', noAddress],
    ['for="_hidden", for=10.2.2.2', noAddress],
    ['proto=https', noAddress],
    ['for=198.51.100.9;for=203.0.113.7', noAddress],
    ['', noAddress],
  ])('as Forwarded says it: %j', (text, address) => {
    expect(forwarded(text)).toBe(address);
  });

  it('is the peer’s where the peer is no trusted proxy, whatever its headers say', () => {
    expect(through('203.0.113.7', '198.51.100.1')).toBe('198.51.100.1');
    expect(through('203.0.113.7', '::ffff:10.0.0.1')).toBe('203.0.113.7');
  });

  it('is none where a trusted proxy does not write the header that was named, and the other header is not looked at', () => {
    expect(through(undefined)).toBe(noAddress);
    const both = { forwarded: 'for=198.51.100.9', 'x-forwarded-for': '203.0.113.7' };
    expect(byList({ peer: '10.0.0.1', headers: both })).toBe('203.0.113.7');
    expect(byForwarded({ peer: '10.0.0.1', headers: both })).toBe('198.51.100.9');
    const cloudflare = sourceAddresses({ trustedProxies, header: 'cf-connecting-ip' });
    expect(cloudflare({ peer: '10.0.0.1', headers: { ...both, 'cf-connecting-ip': '2001:db8::7' } })).toBe(
      '2001:db8::7',
    );
  });

  it('is never what a client wrote to the left of what the proxy appended', () => {
    fc.assert(
      fc.property(fc.string(), (theirs) => {
        expect(through(`${theirs}, 203.0.113.7`)).toBe('203.0.113.7');
      }),
    );
  });
});
