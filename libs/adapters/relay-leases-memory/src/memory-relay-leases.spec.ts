import { epochMs } from '@ringfence/kernel/units';
import { FakeClock } from '@ringfence/testing/fake-clock';
import { InMemoryRelayLeases } from './memory-relay-leases.js';
import { relayLeasesContract } from '@ringfence/ports/leases/relay-leases.contract';

const clock = new FakeClock();
relayLeasesContract(
  'in one process',
  () => Promise.resolve(new InMemoryRelayLeases(clock)),
  (byMs) => {
    clock.set(epochMs(clock.now() - byMs));
    return Promise.resolve();
  },
);
