import type { LookupAddress, LookupOptions } from 'node:dns';
import { isIP } from 'node:net';
import { outboundFailures } from '@ringfence/ports/outbound/outbound-failures';
import { buildConnector } from 'undici';
import type { AddressPolicy } from './address-policy.js';
import type { ResolveName } from './name-resolver.js';

type LookupCallback = (error: Error | null, address: string | LookupAddress[], family?: number) => void;

/**
 * Connects to addresses that the policy does not forbid. A name is resolved once for a connection, and the addresses
 * that were checked are those that are tried: no second answer of DNS comes between. A name is forbidden if one of its
 * addresses is.
 */
export function guardedConnector(
  policy: AddressPolicy,
  resolve: ResolveName,
  connectMsMax: number,
): buildConnector.connector {
  const lookup = (name: string, options: LookupOptions, done: LookupCallback): void => {
    checkedAddresses(name, policy, resolve).then(
      (addresses) => {
        const [first] = addresses;
        if (options.all === true) done(null, addresses);
        else done(null, first.address, first.family);
      },
      (failure: unknown) => {
        done(failure instanceof Error ? failure : outboundFailures.outbound_name_unresolved(failure), []);
      },
    );
  };
  const connect = buildConnector({ lookup, timeout: connectMsMax, allowH2: false });
  return (options, callback) => {
    // Node.js asks no lookup for a host that is an address.
    const literal = options.hostname.replace(/^\[|\]$/g, '');
    const kind = isIP(literal) === 0 ? undefined : policy.forbids(literal);
    if (kind !== undefined) {
      callback(outboundFailures.outbound_address_forbidden(kind), null);
      return;
    }
    connect(options, (...[error, socket]) => {
      // After an error there is no second argument, whatever the types say.
      if (error !== null) {
        callback(error, null);
        return;
      }
      // A second lock: it holds however the connection came about.
      const reached = policy.forbids(socket.remoteAddress ?? '');
      if (reached === undefined) {
        callback(null, socket);
        return;
      }
      socket.destroy();
      callback(outboundFailures.outbound_address_forbidden(reached), null);
    });
  };
}

async function checkedAddresses(
  name: string,
  policy: AddressPolicy,
  resolve: ResolveName,
): Promise<[LookupAddress, ...LookupAddress[]]> {
  const found = await resolve(name).catch((cause: unknown) => {
    throw outboundFailures.outbound_name_unresolved(cause);
  });
  const [first, ...others] = found;
  if (first === undefined) throw outboundFailures.outbound_name_unresolved();
  for (const { address } of found) {
    const kind = policy.forbids(address);
    if (kind !== undefined) throw outboundFailures.outbound_address_forbidden(kind);
  }
  return [first, ...others];
}
