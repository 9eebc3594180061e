import { FakeClock } from '@ringfence/testing/fake-clock';
import { InMemoryRelayLeases } from './in-memory-relay-leases.js';
import { relayLeasesContract } from './relay-leases.contract.js';

relayLeasesContract('in one process', () => Promise.resolve(new InMemoryRelayLeases(new FakeClock())));
