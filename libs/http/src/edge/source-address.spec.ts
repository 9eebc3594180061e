import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { noAddress, sourceAddresses } from './source-address.js';

const trustedProxies = ['10.0.0.0/8', '192.0.2.80', '2001:db8:ffff::/48', '127.0.0.1'];
const byList = sourceAddresses({ trustedProxies, header: 'x-forwarded-for' });
const byForwarded = sourceAddresses({ trustedProxies, header: 'forwarded' });
const through = (text: string | undefined, peer = '10.0.0.1') =>
  byList({ peer, headers: text === undefined ? {} : { 'x-forwarded-for': text } });
const forwarded = (text: string) => byForwarded({ peer: '10.0.0.1', headers: { forwarded: text } });

describe('the source address', () => {
  // The pages are those of the gateways' makers, as of November 2026.
  it.each([
    // nginx.org/en/docs/http/ngx_http_proxy_module.html, $proxy_add_x_forwarded_for: $remote_addr is appended, after a
    // comma.
    ['nginx, appending', '198.51.100.9, 203.0.113.7', '203.0.113.7'],
    // $remote_addr holds an IPv6 address without brackets, and for a listener on a Unix socket no address at all.
    ['nginx, IPv6', '198.51.100.9, 2001:db8::7', '2001:db8::7'],
    ['nginx, on a Unix socket', '198.51.100.9, unix:', noAddress],
    // docs.haproxy.org, Configuration Manual, "option forwardfor": a header line of its own behind those of the client,
    // of which the last counts. Node joins lines by commas.
    ['HAProxy, option forwardfor, after the client’s own line', '198.51.100.9, 203.0.113.7', '203.0.113.7'],
    // envoyproxy.io, HTTP header manipulation, x-forwarded-for: with use_remote_address the nearest peer is appended.
    ['Envoy, at the edge', '198.51.100.9, 203.0.113.7', '203.0.113.7'],
    ['Envoy, with internal hops', '203.0.113.7,10.1.2.3,10.0.0.9', '203.0.113.7'],
    // docs.aws.amazon.com/elasticloadbalancing/latest/application/x-forwarded-headers.html: mode append; the attribute
    // routing.http.xff_client_port.enabled keeps the port.
    ['an AWS load balancer, mode append', '198.51.100.9, 203.0.113.7', '203.0.113.7'],
    ['an AWS load balancer, IPv6', '2001:DB8::21f:5bff:febf:ce22:8a2e', '2001:DB8::21f:5bff:febf:ce22:8a2e'],
    ['an AWS load balancer that keeps the port', '203.0.113.7:50123', '203.0.113.7'],
    // How an IPv6 address with a port is written no page of AWS says; in brackets it can be read.
    ['a proxy that keeps the port of an IPv6 address', '[2001:db8::7]:50123', '2001:db8::7'],
    // developers.cloudflare.com/fundamentals/reference/http-headers: appended without a space.
    ['Cloudflare, appending to what the client sent', '1.2.3.4,203.0.113.7', '203.0.113.7'],
    // doc.traefik.io/traefik/reference/install-configuration/entrypoints, forwardedHeaders: what no trusted address
    // sent is dropped. It takes the zone away from X-Real-Ip alone.
    ['Traefik', '203.0.113.7', '203.0.113.7'],
    ['a proxy that leaves the zone of a link-local address', 'fe80::1%eth0', 'fe80::1'],
    ['a proxy that leaves the zone, with a port', '[fe80::1%25eth0]:50123', 'fe80::1'],
    // learn.microsoft.com/azure/application-gateway/how-application-gateway-works: a comma-separated list of IP:port.
    ['Azure Application Gateway', '198.51.100.9:4711, 203.0.113.7:1024', '203.0.113.7'],
    // cloud.google.com/load-balancing/docs/https, X-Forwarded-For header:
    // <supplied-value>,<client-ip>,<load-balancer-ip>. The last is the public address of the forwarding rule.
    ['Google’s load balancer, its address trusted', '198.51.100.9,203.0.113.7,192.0.2.80', '203.0.113.7'],
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

  it('is the load balancer’s own address where Google’s is not trusted: no range of a key matches it by chance', () => {
    const peersAlone = sourceAddresses({ trustedProxies: ['10.0.0.0/8'], header: 'x-forwarded-for' });
    const headers = { 'x-forwarded-for': '203.0.113.7,192.0.2.80' };
    expect(peersAlone({ peer: '10.0.0.1', headers })).toBe('192.0.2.80');
  });

  it('is never what a client wrote to the left of what the proxy appended', () => {
    fc.assert(
      fc.property(fc.string(), (theirs) => {
        expect(through(`${theirs}, 203.0.113.7`)).toBe('203.0.113.7');
      }),
    );
  });
});
