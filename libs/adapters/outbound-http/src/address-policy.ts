import { Failure } from '@ringfence/kernel/failure';
import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Block = readonly [Address, number];

/** Decides which addresses a request may reach. */
export type AddressPolicy = {
  /** @returns the kind of special address that forbids it; undefined: it may be reached */
  forbids(address: string): string | undefined;
};

/** The only unicast block of IPv6 that IANA assigns global addresses from. */
const globalUnicast = ipaddr.IPv6.parseCIDR('2000::/3');
/** The well-known prefix of NAT64 (RFC 6052): the last 32 bits are the IPv4 address that is reached. */
const nat64 = ipaddr.IPv6.parseCIDR('64:ff9b::/96');
/** Addresses of no special-purpose registry behind which a cloud keeps its metadata: Azure's host agent. */
const metadata = ipaddr.IPv4.parseCIDR('168.63.129.16/32');

/**
 * Forbids every special-purpose address, except those of `allowedCidrs`.
 * @param allowedCidrs blocks that the operator allows
 * @throws Failure `outbound_allow_invalid` (not retryable)
 */
export function addressPolicy(allowedCidrs: readonly string[]): AddressPolicy {
  const allowed = allowedCidrs.map((cidr) => {
    const block = parseAllowedBlock(cidr);
    if (block === undefined) throw new Failure('outbound_allow_invalid', `not a CIDR block: ${cidr}`, false);
    return block;
  });
  return {
    forbids: (text) => {
      // A zone (`fe80::1%eth0`) belongs to a link-local address, which is forbidden in any case.
      if (!ipaddr.isValid(text)) return 'not_an_address';
      const address = ipaddr.process(text);
      if (allowed.some((block) => contains(block, address))) return undefined;
      return specialKind(address, (embedded) => allowed.some((block) => contains(block, embedded)));
    },
  };
}

/** Parses a block that the operator allows: dotted IPv4 or IPv6, then a length; undefined: invalid. */
export function parseAllowedBlock(cidr: string): Block | undefined {
  const [base = ''] = cidr.split('/');
  const isDotted = ipaddr.IPv4.isValidFourPartDecimal(base);
  if (!/^[0-9A-Fa-f:.]+\/\d{1,3}$/.test(cidr) || (!isDotted && !base.includes(':'))) return undefined;
  return ipaddr.isValidCIDR(cidr) ? ipaddr.parseCIDR(cidr) : undefined;
}

/** @param isAllowed says of an embedded IPv4 address whether the operator allows it */
function specialKind(address: Address, isAllowed: (embedded: Address) => boolean): string | undefined {
  if (address instanceof ipaddr.IPv4) {
    if (address.match(metadata)) return 'metadata';
    const range = address.range();
    return range === 'unicast' ? undefined : range;
  }
  if (address.match(nat64)) {
    const embedded = new ipaddr.IPv4(address.toByteArray().slice(12));
    return isAllowed(embedded) ? undefined : specialKind(embedded, isAllowed);
  }
  // Whatever lies outside is special or not assigned: IPv4-compatible, mapped, unique-local, site-local, discard, …
  if (!address.match(globalUnicast)) return address.range() === 'unicast' ? 'unassigned' : address.range();
  const range = address.range();
  return range === 'unicast' ? undefined : range;
}

function contains([base, bits]: Block, address: Address): boolean {
  return base.kind() === address.kind() && address.match(base, bits);
}
