import ipaddr from 'ipaddr.js';

/** A check whether a request may come from an address. */
export type SourceRanges = { allows(sourceIp: string): boolean };

type Range = readonly [ipaddr.IPv4 | ipaddr.IPv6, number];

/** The ranges of a policy. A block that cannot be read allows no address. */
export function sourceRanges(cidrs: readonly string[]): SourceRanges {
  const ranges = cidrs.map(parseSourceCidr).filter((range) => range !== undefined);
  return {
    allows: (sourceIp) => {
      const address = parseAddress(sourceIp);
      return address !== undefined && ranges.some((range) => contains(range, address));
    },
  };
}

/**
 * A CIDR block as a policy may name it; undefined: the text is none. An IPv4 block written as IPv6
 * (`::ffff:192.0.2.0/120`) is the IPv4 block it stands for, as its addresses are.
 */
export function parseSourceCidr(cidr: string): Range | undefined {
  const [base = '', bitsText = '', ...rest] = cidr.split('/');
  // A zone (`fe80::1%eth0`) means something on one machine only.
  if (rest.length > 0 || base.includes('%') || !/^\d{1,3}$/.test(bitsText)) return undefined;
  const written = parseStrictly(base);
  const bits = Number(bitsText);
  if (written === undefined || bits > (written.kind() === 'ipv4' ? 32 : 128)) return undefined;
  if (!(written instanceof ipaddr.IPv6) || !written.isIPv4MappedAddress()) return [written, bits];
  return bits >= 96 ? [written.toIPv4Address(), bits - 96] : undefined;
}

/** An address as ranges compare it; undefined: the text is none. */
export function parseAddress(text: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  const written = parseStrictly(text);
  return written instanceof ipaddr.IPv6 && written.isIPv4MappedAddress() ? written.toIPv4Address() : written;
}

/** Only the dotted form of IPv4: `0x7f.1` and `2130706433` are addresses to some programs and not to others. */
function parseStrictly(text: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text);
  return ipaddr.IPv6.isValid(text) ? ipaddr.IPv6.parse(text) : undefined;
}

function contains([base, bits]: Range, address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  return base.kind() === address.kind() && address.match(base, bits);
}
