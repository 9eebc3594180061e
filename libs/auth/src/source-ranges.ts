import ipaddr from 'ipaddr.js';

/** Check of whether requests may come from an address. */
export type SourceRanges = { allows(sourceIp: string): boolean };

type Range = readonly [ipaddr.IPv4 | ipaddr.IPv6, number];

/** The ranges of a policy. An invalid block allows no address. */
export function sourceRanges(cidrs: readonly string[]): SourceRanges {
  const ranges = cidrs.map(parseSourceCidr).filter((range) => range !== undefined);
  return {
    allows: (sourceIp) => {
      if (ranges.length === 0) return false;
      const address = parseAddress(sourceIp);
      return address !== undefined && ranges.some((range) => contains(range, address));
    },
  };
}

/**
 * Parses a CIDR block of a policy; undefined: invalid. An IPv4 block in IPv6 form (`::ffff:192.0.2.0/120`) becomes the
 * IPv4 block, as addresses do.
 */
export function parseSourceCidr(cidr: string): Range | undefined {
  const [base = '', bitsText = '', ...rest] = cidr.split('/');
  // A zone (`fe80::1%eth0`) is only meaningful on one machine.
  if (rest.length > 0 || base.includes('%') || !/^\d{1,3}$/.test(bitsText)) return undefined;
  const written = parseStrictly(base);
  const bits = Number(bitsText);
  if (written === undefined || bits > (written.kind() === 'ipv4' ? 32 : 128)) return undefined;
  if (!(written instanceof ipaddr.IPv6) || !written.isIPv4MappedAddress()) return [written, bits];
  return bits >= 96 ? [written.toIPv4Address(), bits - 96] : undefined;
}

/** Parses an address for comparison with ranges; undefined: invalid. */
export function parseAddress(text: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  const written = parseStrictly(text);
  return written instanceof ipaddr.IPv6 && written.isIPv4MappedAddress() ? written.toIPv4Address() : written;
}

/** Parses IPv4 only in dotted form: `0x7f.1` and `2130706433` are addresses to some programs and not to others. */
function parseStrictly(text: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text);
  return ipaddr.IPv6.isValid(text) ? ipaddr.IPv6.parse(text) : undefined;
}

function contains([base, bits]: Range, address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  return base.kind() === address.kind() && address.match(base, bits);
}
