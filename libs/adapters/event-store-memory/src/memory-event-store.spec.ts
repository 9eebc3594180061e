import { concurrentAppendsContract } from '@ringfence/ports/log/concurrent-appends.contract';
import { eventStoreContract } from '@ringfence/ports/log/event-store.contract';
import type { LogUnderTest } from '@ringfence/ports/log/stores-under-test.contract';
import { FakeClock } from '@ringfence/testing/fake-clock';
import { MemoryEventStore, MemoryLog } from './memory-event-store.js';

eventStoreContract('memory', openLog);
concurrentAppendsContract('memory', openLog);

function openLog(): Promise<LogUnderTest> {
  let log = new MemoryLog();
  return Promise.resolve({
    open: () => Promise.resolve(new MemoryEventStore(log, new FakeClock())),
    clear: () => {
      log = new MemoryLog();
      return Promise.resolve();
    },
    breakConnections: undefined,
    close: () => Promise.resolve(),
  });
}
