import { parseAddress, parseSourceCidr, sourceRanges } from '@ringfence/auth/source-ranges';
import type { FastifyRequest } from 'fastify';
import type { IncomingHttpHeaders } from 'node:http';

/** The header written by trusted proxies, unless configured otherwise. */
export const proxyHeaderDefault = 'x-forwarded-for';

/** Value for an unknown address: keys with source ranges are refused. */
export const noAddress = '';

type ProxyTrust = {
  /** Addresses and CIDR blocks of proxies; empty: no header is trusted. */
  readonly trustedProxies: readonly string[];
  /** Name in lower case. `forwarded` is parsed by RFC 7239, any other header as a list of addresses. */
  readonly header: string;
};

type RequestOrigin = { readonly peer: string | undefined; readonly headers: IncomingHttpHeaders };

/**
 * The source of requests: the peer of the connection or, if that is a trusted proxy, the last address in the proxy's
 * header that is not a trusted proxy itself. The header is read from the right, because anything to the left of an
 * untrusted address may be forged. An element without an address (`unknown`, `unix:`, a name), and a trusted proxy that
 * sends no header, yield `noAddress`.
 */
export function sourceAddresses({ trustedProxies, header }: ProxyTrust): (asked: RequestOrigin) => string {
  const trusted = sourceRanges(trustedProxies.map(blockOf));
  const elementsOf = header === 'forwarded' ? forwardedFor : (text: string) => text.split(',');
  return ({ peer = noAddress, headers }) => {
    if (!trusted.allows(peer)) return peer;
    const written = headers[header];
    const text = typeof written === 'string' ? written : written?.join(',');
    if (text === undefined) return noAddress;
    let source: string = noAddress;
    for (const element of elementsOf(text).toReversed()) {
      source = addressIn(element.trim()) ?? noAddress;
      if (source === noAddress || !trusted.allows(source)) return source;
    }
    return source;
  };
}

function blockOf(text: string): string {
  if (parseSourceCidr(text) !== undefined) return text;
  return `${text}/${text.includes(':') ? '128' : '32'}`;
}

/**
 * The address in one element, in the forms that proxies write: bare, in brackets, with a port (Azure's gateways, AWS
 * load balancers, HAProxy), with a zone; undefined: none.
 */
function addressIn(element: string): string | undefined {
  const [, bracketed] = /^\[([^\]]+)\](?::\d{1,5})?$/.exec(element) ?? [];
  const [, beforePort] = /^([^:]+):\d{1,5}$/.exec(element) ?? [];
  const bare = (bracketed ?? beforePort ?? element).replace(/%[\w.-]+$/, '');
  return parseAddress(bare) === undefined ? undefined : bare;
}

/**
 * The `for` of each element of a Forwarded header (RFC 7239); an element without one, or that cannot be parsed, has no
 * address.
 */
function forwardedFor(text: string): readonly string[] {
  return outsideQuotes(text, ',').map((element) => {
    const named = outsideQuotes(element, ';')
      .map((pair) => /^\s*for\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s"]*))\s*$/i.exec(pair))
      .filter((found) => found !== null);
    const [only] = named;
    if (only === undefined || named.length > 1) return noAddress;
    return only[1]?.replaceAll(/\\(.)/g, '$1') ?? only[2] ?? noAddress;
  });
}

/** Splits at a separator outside quoted strings. An unclosed quotation extends to the end. */
function outsideQuotes(text: string, separator: ',' | ';'): readonly string[] {
  const parts: string[] = [''];
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === separator && !quoted) {
      parts.push('');
      continue;
    }
    if (character === '"') quoted = !quoted;
    const escaped = quoted && character === '\\' ? text.charAt((at += 1)) : '';
    parts.push((parts.pop() ?? '') + character + escaped);
  }
  return parts;
}

const source = Symbol('source address');
type WithSource = FastifyRequest & { [source]?: string };

export function noteSource(request: FastifyRequest, address: string): void {
  (request as WithSource)[source] = address;
}

/** The source address of a request; `noAddress` if unknown. */
export function sourceAddressOf(request: FastifyRequest): string {
  return (request as WithSource)[source] ?? noAddress;
}
