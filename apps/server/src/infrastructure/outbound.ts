import { GuardedHttpClient } from '@ringfence/outbound-http/guarded-http-client';
import type { OutboundClient } from '@ringfence/ports/outbound/outbound-client';
import { type Config, testReachesLoopback } from '../config/config.js';

/** Opens the client for requests to the URLs of customers. */
export function openOutbound(config: Config): OutboundClient {
  return new GuardedHttpClient({
    allowedCidrs: config.outboundAllow,
    testReachesLoopback: testReachesLoopback(config),
  });
}
