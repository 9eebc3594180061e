import { Resolver } from 'node:dns/promises';
import type { LookupAddress } from 'node:dns';
import { isIP } from 'node:net';

/** Looks up all addresses of a name. Rejects if there is none. */
export type ResolveName = (name: string) => Promise<readonly LookupAddress[]>;

const tryMs = 2_000;
const triesMax = 2;

/**
 * Resolves names over DNS alone, by the servers that the machine has configured: neither its hosts file nor its search
 * domains add names of its own network. Unlike `getaddrinfo`, it does not occupy one of the process's few threads while
 * a server is silent.
 */
export function dnsResolver(): ResolveName {
  const resolver = new Resolver({ timeout: tryMs, tries: triesMax });
  return async (name) => {
    const bare = name.toLowerCase().replace(/\.$/, '');
    // RFC 6761: these names are never looked up.
    if (bare === 'localhost' || bare.endsWith('.localhost')) return loopback;
    const [v4, v6] = await Promise.allSettled([resolver.resolve4(bare), resolver.resolve6(bare)]);
    const found = [v4, v6].flatMap((each) => (each.status === 'fulfilled' ? each.value : []));
    if (found.length > 0) return found.map((address) => ({ address, family: isIP(address) }));
    throw v4.status === 'rejected' ? v4.reason : new Error('the answer is empty');
  };
}

const loopback: readonly LookupAddress[] = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
];
