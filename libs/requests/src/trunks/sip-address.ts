import { parseSourceCidr } from '@ringfence/auth/source-ranges';
import ipaddr from 'ipaddr.js';

/** A network in canonical form, or why it cannot be the source of SIP requests. */
type SipNetwork = { readonly canonical: string } | { readonly rule: string; readonly detail: string };

/** The widest networks that a list may have, in bits of their prefix. */
const prefixBitsMin = { ipv4: 24, ipv6: 64 } as const;
const unusable: ReadonlySet<string> = new Set(['loopback', 'unspecified', 'multicast', 'broadcast']);

/**
 * Reads an address or a network. A bare address is a network of one address; IPv4 in the form of IPv6 is IPv4; bits
 * behind the prefix are cleared.
 */
export function readSipNetwork(text: string): SipNetwork {
  const parsed = parseSourceCidr(text.includes('/') ? text : `${text}/${text.includes(':') ? '128' : '32'}`);
  if (parsed === undefined) return { rule: 'address', detail: 'is an IPv4 or IPv6 address, or a network in CIDR form' };
  const [address, bits] = parsed;
  const least = prefixBitsMin[address.kind()];
  if (bits < least) return { rule: 'prefix', detail: `covers too many addresses: /${String(least)} or narrower` };
  const network = firstOf(address, bits);
  if (unusable.has(network.range()) || unusable.has(address.range()))
    return { rule: 'unusable', detail: 'is no loopback, unspecified or multicast address' };
  const written = network instanceof ipaddr.IPv6 ? network.toRFC5952String() : network.toString();
  return { canonical: `${written}/${String(bits)}` };
}

/** Reads one address, as `readSipNetwork` does; canonical without a prefix. */
export function readSipAddress(text: string): SipNetwork {
  if (text.includes('/')) return { rule: 'network', detail: 'is one address; a network is for an IP list' };
  const network = readSipNetwork(text);
  return 'canonical' in network ? { canonical: network.canonical.replace(/\/\d+$/, '') } : network;
}

function firstOf(address: ipaddr.IPv4 | ipaddr.IPv6, bits: number): ipaddr.IPv4 | ipaddr.IPv6 {
  const cidr = `${address.toString()}/${String(bits)}`;
  return address instanceof ipaddr.IPv6
    ? ipaddr.IPv6.networkAddressFromCIDR(cidr)
    : ipaddr.IPv4.networkAddressFromCIDR(cidr);
}
